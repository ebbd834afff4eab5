"""Floating point, big numbers, compression and packing by Python: the same lines on every IEEE machine."""
import decimal, fractions, hashlib, json, math, re, struct, sys, zlib

print(sys.version_info[:2], sys.float_info.dig, sys.float_info.max, sys.float_info.min, 5e-324)

print("float repr")
for x in 0.1, 1 / 3, 2 / 3, 1e22, 1e23, 123456789.123456789, 1e-7, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, -0.0:
    print(repr(x), x.hex(), "%.17g %.3e %r" % (x, x, float(repr(x)) == x))
print(float("inf") - 1, math.isnan(float("inf") - float("inf")), float("nan"), 1e308 * 10, -1e308 * 10)
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), 7.0 // -2, 7.5 % -2, divmod(-7.5, 2))
print(sum([0.1] * 10), math.fsum([0.1] * 10), sum(1 / n for n in range(1, 2000)))

print("math")
for name in "sqrt exp log log2 log10 sin cos tan atan sinh tanh asinh erf gamma lgamma cbrt".split():
    f = getattr(math, name)
    print(name, *(repr(f(x)) for x in (0.5, 1.0, 2.0, 10.25)))
print(math.hypot(3, 4), math.atan2(-1, -1), math.fmod(-7.5, 2), math.frexp(1000.5), math.ldexp(0.75, 10), math.nextafter(1, 2))
print(math.factorial(40), math.comb(100, 50), math.isqrt(10**40), pow(3, 1000, 10**9 + 7), pow(3, -1, 1000003))
print(2**521 - 1, (2**607 - 1) % (2**61 - 1), -(7**77) // 3**33)

print("decimal")
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7, decimal.Decimal(1).exp(), decimal.Decimal(10).ln())
print(decimal.Decimal("1.10") + decimal.Decimal("2.205"), decimal.Decimal("2.675").quantize(decimal.Decimal("0.01")), decimal.Decimal(0.1))
print(fractions.Fraction(0.1).limit_denominator(1000), sum(fractions.Fraction(1, n) for n in range(1, 30)))

print("json")
value = {"b": [1, 2.5, -1e-10, None, True], "a": {"text": 'é "quoted"\n\u2028', "big": 2**70}, "e": [], "f": 1e400}
text = json.dumps(value, sort_keys=True)
print(text)
print(json.loads(text) == value, json.loads('[1E5, 1e-5, -0.0, 0.1e1, "\\ud83d\\ude00"]'))
try:
    json.loads('{"a": 1,}')
except json.JSONDecodeError as e:
    print(e)

print("zlib")
data = b"".join(b"%d: %s\n" % (n, hashlib.md5(b"%d" % n).hexdigest().encode()) for n in range(1500))
print(len(data), zlib.crc32(data), zlib.adler32(data), hashlib.sha256(data).hexdigest())
for level in 1, 6, 9:
    packed = zlib.compress(data, level)
    print(level, len(packed), zlib.crc32(packed), zlib.decompress(packed) == data)
try:
    zlib.decompress(packed[:-5] + b"wrong")
except zlib.error as e:
    print(e)

print("re")
print(re.findall(r"(\w+)@(\w+)\.(?:com|org)", "a@b.com, c@d.net, e_1@f.org"))
print(re.sub(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", r"\g<d>.\g<m>.\g<y>", "on 2026-11-28 and 1999-12-31"))
print(re.split(r"[,;]\s*", "a, b;c,d"), re.fullmatch(r"(a+)+b", "a" * 18 + "b").span(), re.match(r"(?i)straße", "STRASSE"))
print(len(re.findall(rb"\b[0-9a-f]*f0[0-9a-f]*\b", data)))

print("struct")
packed = struct.pack("<bBhHiIqQfd?5s", -1, 255, -2, 65535, -3, 2**32 - 1, -4, 2**64 - 1, 0.1, 0.1, True, b"javis")
print(packed.hex(), struct.unpack("<bBhHiIqQfd?5s", packed))
print(struct.pack(">hif", -2, -3, math.pi).hex(), struct.calcsize("@bid"), struct.pack("<e", 65504.0).hex(), struct.unpack("<e", b"\x01\x00"))
try:
    struct.pack("<h", 40000)
except struct.error as e:
    print(e)

print("the rest")
print(sorted("the quick brown fox".split(), key=lambda w: (len(w), w)), "%08.3f|%+d|%x|%o" % (math.e, 5, 255, 8), f"{1234567.891:,.2f} {0.25:%}")
print("Straße".upper(), "ǅ".lower(), "日本".encode("utf-16-le").hex(), "é".encode("latin-1"), int("-0x1f", 16), complex(1, 2) ** 3)
