# Strings of RFC 1321, FIPS 180-4 and 202, with their published digests.
for message in '' abc abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq; do
  printf %s "$message" >message
  for digest in md5 sha1 sha224 sha256 sha384 sha512 sha3-256; do
    printf '%s ' $digest; openssl dgst -r -$digest message
  done
done
head -c 1000000 /dev/zero | tr '\0' a >message
printf 'sha1 '; openssl dgst -r -sha1 message
printf 'sha256 '; openssl dgst -r -sha256 message
printf 'sha512 '; openssl dgst -r -sha512 message
# The same by another program's code.
sha256sum message; sha512sum message; md5sum message
