work() {
  mawk 'BEGIN {
    for (y = 0; y < 120; y++)
      for (x = 0; x < 160; x++) {
        cr = x / 80 - 1.5; ci = y / 60 - 1; zr = zi = 0
        for (i = 0; i < 100; i++) {
          t = zr * zr - zi * zi + cr; zi = 2 * zr * zi + ci; zr = t
          if (zr * zr + zi * zi > 4) break
        }
        inside += i
      }
    print inside
  }'
}
