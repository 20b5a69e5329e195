"""Classes, dictionaries, strings and sorting."""
import sys


class Order:
    def __init__(self, number, customer, amount):
        self.number = number
        self.customer = customer
        self.amount = amount

    def key(self):
        return (self.customer, -self.amount, self.number)


count = int(sys.argv[1])
state = 12345
orders = []
for number in range(count):
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    orders.append(Order(number, "customer-%03d" % (state % 500), state >> 8))
orders.sort(key=Order.key)
totals = {}
for order in orders:
    totals.setdefault(order.customer, []).append(order.amount)
report = ["%s:%d:%d" % (name, len(amounts), sum(amounts)) for name, amounts in totals.items()]
text = ";".join(report)
parsed = {name: int(total) for name, _, total in (line.split(":") for line in text.split(";"))}
print(len(parsed), sum(parsed.values()), orders[count // 2].number)
