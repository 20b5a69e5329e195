#!/bin/sh
# Runs a command in place of a shell, and tells the monitor how it ended.
. /etc/profile
cd /root
sh /rz/command </dev/null >/dev/ttyS1 2>&1
status=$?
printf '\n%s %s\n' "$(cat /rz/mark)" $status >/dev/ttyS1
poweroff -f
