/**
  A virtual machine from `disk.qcow2` in the volume `machine`, its console on the terminal; with KVM where the host gives
  `/dev/kvm`.
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
  packages = [ pkgs.qemu ];
  exec = [
    "/bin/qemu-system-${pkgs.stdenv.hostPlatform.parsed.cpu.name}"
    "-machine"
    "accel=kvm:tcg"
  ];
  args = [
    "-m"
    "1024"
    "-nographic"
    "-drive"
    "file=/var/lib/machine/disk.qcow2,format=qcow2,if=virtio"
  ];
  terminal = true;
  mounts.machine = "/var/lib/machine";
}
