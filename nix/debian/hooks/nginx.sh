# shellcheck shell=dash disable=SC2154
# nixpkgs has the folder of mime.types and fastcgi_params at conf. There are no modules to load.
ln -s etc/nginx conf
rm -rf etc/nginx/sites-* etc/nginx/modules-* etc/nginx/snippets
