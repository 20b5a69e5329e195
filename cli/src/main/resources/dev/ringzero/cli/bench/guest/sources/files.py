"""Makes, reads, renames and removes small files."""
import os
import sys

count = int(sys.argv[1])
os.makedirs("files", exist_ok=True)
total = 0
for number in range(count):
    name = "files/%d" % number
    with open(name, "w") as file:
        file.write("content of %d\n" % number)
    os.rename(name, name + ".new")
    with open(name + ".new") as file:
        total += len(file.read())
    total += os.stat(name + ".new").st_size
    os.remove(name + ".new")
print(total)
