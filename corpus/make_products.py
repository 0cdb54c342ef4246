#!/usr/bin/env python3
"""Writes corpus/products.jsonl: a catalogue of our own, for trying the deal side without anybody's data.

Brands, models and prices are made up. A price follows from what the text says (kind, size, material, brand, pack) with
some noise, as in a real shop, so that price models have something to learn. The same seed gives the same file.
"""
import json, pathlib, random

random.seed(20)
BRANDS = {  # what a name adds to a price
    "Norvell": 1.35, "Haldane": 1.15, "Kestrel": 1.0, "Brightwell": 0.9, "Ostra": 1.6, "Pinecrest": 0.8, "Tavish": 1.1,
    "Umbra Vale": 1.25, "Quillon": 0.95, "Larkmoor": 0.7,
}
COLOURS = ["black", "white", "silver", "graphite", "red", "blue", "sage green", "walnut"]


def pick(*options):
    return random.choice(options)


def appliance():
    kind, base, unit, sizes = pick(
        ("Air Fryer", 45, "quart", [3, 4, 5, 6, 8]), ("Electric Kettle", 22, "liter", [1, 1.5, 1.7]),
        ("Countertop Microwave", 60, "cu ft", [0.7, 0.9, 1.1, 1.6]), ("Stand Mixer", 150, "quart", [4, 5, 6, 7]),
        ("Upright Freezer", 380, "cu ft", [7, 14, 17, 21]), ("Dehumidifier", 110, "pint", [22, 35, 50]))
    size = pick(*sizes)
    finish = pick("plastic", "stainless steel", "stainless steel", "glass")
    price = base * (0.55 + 0.45 * size / sizes[0]) * (1.25 if finish != "plastic" else 1)
    return f"{size} {unit} {kind}", f"{finish} body, {pick('touch', 'dial')} controls and a {pick(1, 2, 2, 3)}-year warranty", price


def automotive():
    kind, base = pick(("All-Season Tire", 88), ("Car Battery", 120), ("Floor Mat Set", 48), ("Jump Starter", 66),
                      ("LED Headlight Bulb Pair", 32), ("Roof Cargo Box", 310))
    grade = pick("Standard", "Plus", "Premium")
    size = random.randint(14, 20)
    price = base * {"Standard": 0.85, "Plus": 1.1, "Premium": 1.5}[grade] * (0.6 + size / 40)
    return f"{grade} {kind} {size}-inch class", f"fits {pick('sedans', 'pickups', 'compact cars', 'SUVs')}; {pick('no tools needed', 'mounting kit in the box')}", price


def phone():
    storage = pick(64, 128, 256, 512)
    ram = {64: 4, 128: 6, 256: 8, 512: 12}[storage]
    screen = pick(5.8, 6.1, 6.5, 6.8)
    five = random.random() < 0.6
    state = pick("new", "new", "renewed")
    price = (70 + 1.15 * storage + (120 if five else 0) + 40 * (screen - 5.5)) * (0.62 if state == "renewed" else 1)
    return (f"{'5G ' if five else ''}Smartphone {storage}GB {screen} inch" + (", Renewed" if state == "renewed" else ""),
            f"{ram}GB of memory, {pick(48, 50, 64, 108)} MP camera, {pick(4000, 4500, 5000)} mAh battery, unlocked", price)


def electronics():
    if random.random() < 0.5:
        inches, panel = pick(24, 32, 43, 50, 55, 65, 75), pick("LED", "LED", "QLED", "OLED")
        price = (2.6 * inches + 0.075 * inches ** 2) * {"LED": 1, "QLED": 1.45, "OLED": 2.5}[panel]
        return f"{inches} inch {panel} {'4K ' if inches > 40 else ''}Television", f"{pick(60, 120)} Hz, {pick(2, 3, 4)} HDMI inputs, voice remote", price
    kind, base = pick(("Wireless Earbuds", 45), ("Over-Ear Headphones", 85), ("Soundbar", 140), ("Portable Speaker", 50),
                      ("External SSD", 0), ("Network Router", 75))
    if kind == "External SSD":
        size = pick(500, 1000, 2000, 4000)
        return f"{size}GB External SSD USB-C" if size < 1000 else f"{size // 1000}TB External SSD USB-C", "read at 1,050 MB/s, shock proof", 32 + 0.062 * size
    extra = pick("", " with noise cancelling", " waterproof")
    return f"{kind}{extra}", f"{pick(8, 12, 20, 30)} hours of play, Bluetooth 5.{pick(0, 2, 3)}", base * (1.4 if "noise" in extra else 1.1 if extra else 1)


def music():
    kind, base = pick(("Acoustic Guitar", 130), ("Electric Guitar", 210), ("Digital Piano 88 Keys", 460), ("Ukulele", 38),
                      ("Drum Practice Pad", 24), ("Violin Outfit", 120), ("Condenser Microphone", 70))
    level = pick("Student", "Studio", "Concert")
    return f"{level} {kind}", f"{pick('spruce', 'mahogany', 'maple')} and {pick('nickel', 'chrome')} fittings, with {pick('case', 'bag', 'stand')}", base * {"Student": 0.8, "Studio": 1.3, "Concert": 2.4}[level]


def office():
    kind, base, packs = pick(("Gel Pens", 0.9, [6, 12, 24]), ("Copy Paper Reams", 6.5, [1, 3, 5, 10]), ("File Folders", 0.22, [25, 50, 100]),
                             ("Sticky Notes", 0.8, [6, 12, 24]), ("Desk Chair", 115, [1]), ("Standing Desk", 260, [1]), ("Label Printer", 68, [1]))
    pack = pick(*packs)
    price = base * pack ** 0.88
    return kind + (f", Pack of {pack}" if pack > 1 else ""), f"{pick('recycled', 'heavy-duty', 'everyday')} quality for {pick('home', 'school', 'the office')}", price


def tool():
    kind, base = pick(("Cordless Drill", 62), ("Impact Driver", 84), ("Circular Saw", 95), ("Socket Set", 0), ("Laser Level", 58), ("Air Compressor", 130))
    if kind == "Socket Set":
        pieces = pick(24, 40, 86, 150, 230)
        return f"{pieces}-Piece Socket Set", "chrome vanadium steel in a moulded case", 14 + 0.55 * pieces
    volts, kit = pick(12, 18, 20, 40), random.random() < 0.5
    return f"{volts}V {kind}{' Kit with two batteries' if kit else ', tool only'}", f"brush{'less' if volts > 18 else 'ed'} motor, LED light", base * (0.6 + volts / 45) * (1.7 if kit else 1)


def toy():
    kind, base = pick(("Building Blocks", 0), ("Plush Bear", 17), ("Board Game", 26), ("Remote Control Car", 34), ("Wooden Train Set", 42), ("Doll House", 88))
    if kind == "Building Blocks":
        pieces = pick(120, 300, 550, 1000, 2000)
        return f"Building Blocks {pieces} Pieces", f"for ages {pick(4, 6, 8)} and up", 6 + 0.085 * pieces
    size = pick("Small", "Large", "Deluxe")
    return f"{size} {kind}", f"for ages {pick(3, 4, 6)} and up, {pick('cotton', 'beech wood', 'sturdy plastic')}", base * {"Small": 0.75, "Large": 1.15, "Deluxe": 1.7}[size]


MAKERS = {"Appliances": appliance, "Automotive": automotive, "Cell_Phones": phone, "Electronics": electronics,
          "Musical_Instruments": music, "Office_Products": office, "Tools_and_Home_Improvement": tool, "Toys_and_Games": toy}
lines = []
for category, make in MAKERS.items():
    for number in range(80):
        brand = random.choice(list(BRANDS))
        what, says, worth = make()
        model = f"{brand[0]}{random.choice('ABCDEFX')}-{random.randint(100, 999)}"
        colour = random.choice(COLOURS)
        price = max(1.49, worth * BRANDS[brand] * random.lognormvariate(0, 0.09))
        price = round(price) - 0.01 if price > 8 else round(price, 2)
        lines.append(json.dumps({
            "id": f"{category.split()[0][:4].lower()}-{number:03}", "title": f"{brand} {what}, {colour.title()} ({model})",
            "description": f"{brand} {what}: {says}. Colour {colour}.", "category": category, "brand": brand,
            "price": round(price, 2), "currency": "USD", "url": f"https://shop.example/{category.lower()}/{number:03}"}))
pathlib.Path(__file__).with_name("products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
print(len(lines), "products in", len(MAKERS), "categories")
