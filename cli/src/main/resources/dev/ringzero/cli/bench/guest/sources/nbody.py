"""The outer planets under Newton's law, in an interpreter."""
import math
import sys

MASS = 39.47841760435743
BODIES = [
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, MASS],
    [4.841431, -1.160320, -0.103622, 0.606326, 2.811986, -0.025218, MASS * 9.547919e-4],
    [8.343366, 4.124798, -0.403523, -1.010774, 1.825662, 0.008415, MASS * 2.858859e-4],
    [12.894369, -15.111151, -0.223307, 1.082791, 0.868713, -0.010832, MASS * 4.366244e-5],
    [15.379697, -25.919314, 0.179258, 0.979090, 0.594698, -0.034755, MASS * 5.151389e-5],
]
PAIRS = [(a, b) for i, a in enumerate(BODIES) for b in BODIES[i + 1:]]


def advance(dt):
    for a, b in PAIRS:
        dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
        square = dx * dx + dy * dy + dz * dz
        pull = dt / (square * math.sqrt(square))
        for axis, delta in ((3, dx), (4, dy), (5, dz)):
            a[axis] -= delta * b[6] * pull
            b[axis] += delta * a[6] * pull
    for body in BODIES:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


for _ in range(int(sys.argv[1])):
    advance(0.01)
print("%.6f %.6f" % (BODIES[0][0], BODIES[4][1]))
