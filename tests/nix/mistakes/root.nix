/**
  The root file system.
*/
{
  pkgs,
  told,
  argument,
  each,
  long,
  pathRule,
  controlRule,
  ...
}:
{
  fileMode = argument "files" {
    "/x" = {
      text = "";
      mode = 644;
    };
  } "files.\"/x\".mode = 644: must be three or four octal digits in quotes; write \"0644\"";
  fileEmpty = argument "files" {
    "/x" = { };
  } "files.\"/x\": needs one of text, source, directory, symlink";
  fileBoth = argument "files" {
    "/x" = {
      text = "a";
      symlink = "b";
    };
  } "files.\"/x\": has text and symlink; keep one of them";
  fileText = argument "files" {
    "/x" = "hello";
  } "files.\"/x\" = \"hello\": must be a set; write { text = …; } or { source = …; }";
  fileMisspelt = argument "files" {
    "/x".txt = "";
  } "files.\"/x\".txt: is not known here; did you mean \"text\"?";
  fileLinkMode = argument "files" {
    "/x" = {
      symlink = "a";
      mode = "0644";
    };
  } "files.\"/x\": a symlink has no mode; leave mode out";
  fileMany =
    told
      {
        files."/x" = {
          source = "b";
          text = "a";
          mode = "9";
        };
      }
      [
        "files.\"/x\".mode = \"9\": must be three or four octal digits in quotes, such as \"0644\""
        "files.\"/x\".source = \"b\": must be in the store; write a path without quotes, such as ./file"
        "files.\"/x\": has text and source; keep one of them"
      ];
  filePath = argument "files" {
    "etc/x".text = "";
  } "files.\"etc/x\": the name ${pathRule}; write \"/etc/x\"";
  fileControl = argument "files" {
    "/a\nb".text = "";
  } "files.\"/a\\nb\": the name ${controlRule}";
  fileOutside =
    argument "files" { "/x".source = "/etc/passwd"; }
      "files.\"/x\".source = \"/etc/passwd\": must be in the store; write a path without quotes, such as ./file";
  fileMissing = argument "files" {
    "/x".source = /nowhere/file;
  } "files.\"/x\".source = /nowhere/file: is not there; in a flake, git must know it (git add)";
  packageMissing = told {
    packages = [
      pkgs.nginx
      /nowhere/tree
    ];
  } [ "packages[1] = /nowhere/tree: is not there; in a flake, git must know it (git add)" ];
  perms = argument "perms" {
    "/x".recursive = true;
  } "perms.\"/x\": changes nothing; write mode, uid or gid";
  skeleton = argument "skeleton" {
    temp = false;
  } "skeleton.temp: is not known here; did you mean \"tmp\"?";
  link = argument "pathsToLink" [ "bin" ] "pathsToLink[0] = \"bin\": ${pathRule}; write \"/bin\"";

  fileBelow =
    told
      {
        files = {
          "/etc/a".text = "";
          "/etc/a/b".text = "";
          "/etc/a/b/c".directory = true;
          "/etc/ab".text = "";
          "/srv".directory = true;
          "/srv/x".text = "";
        };
      }
      [
        "files.\"/etc/a/b\": cannot go below files.\"/etc/a\", which is no directory"
        "files.\"/etc/a/b/c\": cannot go below files.\"/etc/a\", which is no directory"
        "files.\"/etc/a/b/c\": cannot go below files.\"/etc/a/b\", which is no directory"
      ];
  # Without the slash the path is there too.
  fileTwice = argument "files" {
    "/a".directory = true;
    "/a/".directory = true;
  } "files.\"/a/\": the name ${pathRule}; write \"/a\"";
  fileStore =
    let
      store = builtins.storeDir;
      rule = "the name must not lie in ${store}, whose content is verified and shared; name a path outside it";
    in
    told
      {
        files."${store}/x".text = "";
        perms."${store}".mode = "0755";
      }
      [
        "files.\"${store}/x\": ${rule}"
        "perms.\"${store}\": ${rule}"
      ];
  fileLink = argument "files" {
    "/x".symlink = "";
  } "files.\"/x\".symlink = \"\": must name what the link points to";
  fileLinks = each (symlink: { files."/x" = { inherit symlink; }; }) [
    "a\nb"
    (builtins.fromJSON ''"\u009f"'')
    (long "a" 4096)
    5
  ];
  permsPath = each (path: { perms.${path}.mode = "0644"; }) [
    "/"
    "/a//b"
    "a"
    "/a\nb"
    "/${long "a" 256}"
  ];

  linkStore =
    argument "pathsToLink"
      [
        "/bin"
        "${builtins.storeDir}/x"
      ]
      "pathsToLink[1] = \"${builtins.storeDir}/x\": must not lie in ${builtins.storeDir}; name a directory of the packages, such as \"/bin\"";
}
