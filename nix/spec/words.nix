/**
  Words that are no arguments of `mkACI`: what users of other tools write, and what is misspelt. Each is answered with
  the argument that does it here.

  # Type

  ```
  { answers :: String -> Value -> [ String ], arguments :: [ String ] }
  ```
*/
let
  inherit (import ../check) names check;
  defaults = import ../arguments.nix;

  inherit (builtins)
    attrNames
    attrValues
    filter
    head
    isAttrs
    toJSON
    ;

  # One word for another.
  synonyms = {
    name = "acName";
    imageName = "acName";
    version = "acVersion";
    tag = "acVersion";
    imageTag = "acVersion";
    labels = "acLabels";
    contents = "packages";
    content = "packages";
    copyToRoot = "packages";
    paths = "packages";
    package = "packages";
    deps = "packages";
    cmd = "args";
    command = "exec";
    entrypoint = "exec";
    environment = "env";
    environmentVariables = "env";
    volumes = "mounts";
    mountPoints = "mounts";
    exposedPorts = "ports";
    capabilities = "isolators";
    workdir = "workingDirectory";
    workingDir = "workingDirectory";
    cwd = "workingDirectory";
    gid = "group";
    uid = "user";
    architecture = "arch";
    system = "arch";
    extraFiles = "files";
    permissions = "perms";
    compressor = "compression";
    format = "face";
  };

  # What takes more than a word.
  ways =
    let
      made = "no command runs in an image; write files and perms, or a package that runs it (pkgs.runCommand)";
      base = "fromImage takes the only image of a layout or an archive; make one that holds no other";
      layers = "layers are made of the store paths by themselves; maxLayers says how many there are at most";
      size = "no virtual machine runs; leave it out";
      owner = "owners are those of files.\"/path\" and perms.\"/path\", in uid and gid";
    in
    {
      config = "what it holds are arguments of their own: exec, args, env, ports, mounts, workingDirectory, user";
      fromImageName = base;
      fromImageTag = base;
      extraCommands = made;
      fakeRootCommands = made;
      runAsRoot = made;
      enableFakechroot = made;
      created = "write annotations.created = \"2026-01-31T12:00:00Z\"";
      mtime = "the times of files are those of the store; write annotations.created for the image";
      layeringPipeline = layers;
      diskSize = size;
      buildVMMemorySize = size;
      uname = owner;
      gname = owner;
      tini = "add its package, and write exec = [ \"/bin/tini\" \"--\" … ]";
      includeStorePaths = "write thin = true";
    };

  # Members of a `config`, in the words of OCI.
  members = {
    cmd = "args";
    entrypoint = "exec";
    env = "env";
    exposedPorts = "ports";
    volumes = "mounts";
    workingDir = "workingDirectory";
    stopSignal = "stopSignal";
    healthcheck = "healthcheck";
    user = "user";
    labels = "annotations";
  };

  among = table: word: filter (key: names.lower key == names.lower word) (attrNames table);

  mean = argument: "did you mean ${toJSON argument}?";

  # What does here what a word that we know does elsewhere.
  answer =
    word:
    let
      arguments = among defaults word;
      synonym = among synonyms word;
      way = among ways word;
    in
    if arguments != [ ] then
      mean (head arguments)
    else if way != [ ] then
      ways.${head way}
    else if synonym != [ ] then
      mean synonyms.${head synonym}
    else
      null;

  tell =
    word:
    let
      known = attrNames defaults;
      nearest = names.nearest word (known ++ attrNames (synonyms // ways));
    in
    if answer word != null then
      answer word
    else if nearest == null then
      check.meant word known
    else
      answer nearest;

  ofConfig =
    member:
    let
      known = among members member;
    in
    "${check.member "config" member}: is not an argument of mkACI; ${
      if known != [ ] then mean members.${head known} else tell member
    }";
in
{
  /**
    The problems that a word is, with its value.
  */
  answers =
    word: value:
    if word == "config" && isAttrs value && value != { } then
      map ofConfig (attrNames value)
    else
      [ "${word}: is not an argument of mkACI; ${tell word}" ];

  /**
    Every argument that words are answered with.
  */
  arguments = attrValues (synonyms // members);
}
