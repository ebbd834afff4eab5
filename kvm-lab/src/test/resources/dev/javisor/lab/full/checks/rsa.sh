# A signature made elsewhere; RSASSA-PKCS1-v1_5, which has no dice in it, and PSS, which has: the host looks at that one, too.
openssl dgst -sha256 -verify rsa/public.pem -signature rsa/message.sig rsa/message
openssl dgst -sha256 -sign rsa/private.pem -out made.sig rsa/message && cmp made.sig rsa/message.sig && echo 'the same signature'
pss='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32'
openssl dgst -sha256 -sign rsa/private.pem $pss -out pss.sig rsa/message
openssl dgst -sha256 -verify rsa/public.pem $pss -signature pss.sig rsa/message
openssl dgst -sha256 -verify rsa/public.pem -signature pss.sig rsa/message || echo 'exit code 1'
echo 'a secret' | openssl pkeyutl -encrypt -pubin -inkey rsa/public.pem -pkeyopt rsa_padding_mode:oaep |
  openssl pkeyutl -decrypt -inkey rsa/private.pem -pkeyopt rsa_padding_mode:oaep
perl -e 'local $/; print "pss ", unpack("H*", <>), "\n"' <pss.sig
