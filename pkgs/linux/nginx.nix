/**
  A web server for the files in `/srv/www`. Further servers come from files in `/etc/nginx/conf.d`.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

mkACI {
  inherit pkgs thin static;
  packages = [ pkgs.nginx ];
  exec = [
    "/bin/nginx"
    "-e"
    "stderr"
    "-c"
    "/etc/nginx/nginx.conf"
  ];
  args = [
    "-g"
    "daemon off;"
  ];
  files = {
    "/etc/nginx/nginx.conf".source = ./nginx/nginx.conf;
    "/etc/nginx/conf.d".directory = true;
    "/srv/www/index.html".source = ./nginx/index.html;
  };
  ports.http = {
    protocol = "tcp";
    port = 80;
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_NET_BIND_SERVICE"
    "CAP_SETGID"
    "CAP_SETUID"
  ];
}
