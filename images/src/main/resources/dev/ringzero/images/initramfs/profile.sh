export PATH=/sbin:/bin HOME=/root
PS1='\h:\w# '
echo "$(uname -sr) on $(nproc) CPU(s). Type 'poweroff' or Ctrl-D to end; Ctrl-A h shows the keys."
