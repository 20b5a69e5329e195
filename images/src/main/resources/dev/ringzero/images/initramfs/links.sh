# Mounts shared folders and configures network cards; $rz is where the files of this run are.
if [ -e "$rz/shares" ]; then
  while read -r tag mode path; do
    mkdir -p "$path" && mount -t virtiofs -o "$mode,nodev" "$tag" "$path" ||
      echo "cannot mount the shared folder $path"
  done <"$rz/shares"
fi
ip link set lo up
. $rz/network
