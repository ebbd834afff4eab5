# FIPS 197, appendix C; SP 800-38A, F.2.1 and F.2.5 (CBC), F.5.1 and F.5.5 (CTR), both ways.
bytes() { perl -e 'print pack "H*", shift' "$1"; }
hex() { perl -e 'local $/; print unpack("H*", <>), "\n"'; }
try() { # try CIPHER KEY PLAINTEXT [IV]
  bytes "$3" >plain
  set -- -"$1" -K "$2" -nopad ${4:+-iv "$4"}
  openssl enc -e "$@" -in plain -out cipher && hex <cipher
  openssl enc -d "$@" -in cipher | cmp - plain && echo "${1#-} and back"
}
key=000102030405060708090a0b0c0d0e0f1011121314151617
block=00112233445566778899aabbccddeeff
try aes-128-ecb ${key%1011121314151617} $block
try aes-192-ecb $key $block
try aes-256-ecb ${key}18191a1b1c1d1e1f $block

key128=2b7e151628aed2a6abf7158809cf4f3c
key256=603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4
text=6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
text=${text}30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710
try aes-128-cbc $key128 $text 000102030405060708090a0b0c0d0e0f
try aes-256-cbc $key256 $text 000102030405060708090a0b0c0d0e0f
try aes-128-ctr $key128 $text f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
try aes-256-ctr $key256 $text f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
