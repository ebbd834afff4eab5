# gcc compiles, at two levels, a program that counts primes, sorts, and adds up series; both have to say the same.
cat >work.c <<'C'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) { return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b); }

int main(void) {
  static char composite[200000];
  int primes = 0, numbers[5000];
  for (int i = 2; i < 200000; i++) {
    if (composite[i]) continue;
    primes++;
    for (long j = (long)i * i; j < 200000; j += i) composite[j] = 1;
  }
  unsigned seed = 1;
  for (int i = 0; i < 5000; i++) numbers[i] = (seed = seed * 1103515245 + 12345) >> 8;
  qsort(numbers, 5000, sizeof *numbers, compare);
  double sum = 0;
  long double wide = 0;
  float narrow = 0;
  for (int i = 1; i <= 100000; i++) sum += 1.0 / i, wide += 1.0L / i, narrow += 1.0f / i;
  printf("%d primes, median %d, %.15g %.18Lg %.7g\n", primes, numbers[2500], sum, wide, narrow);
  printf("%.15g %.15g %.15g\n", sqrt(2), pow(2, 0.5), 4 * atan(1));
  return 0;
}
C
gcc -O0 -Wall -o work0 work.c -lm && ./work0
gcc -O2 -Wall -o work2 work.c -lm && ./work2
