# stress-ng's CPU methods, which check their own results.
for method in ackermann bitops crc16 decimal64 double explog fft float float80 gcd int64 int128 hyperbolic longdouble \
    matrixprod nsqrt phi queens rgb trig; do
  stress-ng --cpu 1 --cpu-method $method --cpu-ops 1 --verify --quiet && echo "$method holds"
done
