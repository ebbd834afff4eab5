"""Test cases 4 and 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega), by OpenSSL's library: its program has no GCM."""
import ctypes

lib = ctypes.CDLL("libcrypto.so.3")
for name in "EVP_CIPHER_CTX_new", "EVP_aes_128_gcm", "EVP_aes_256_gcm":
    getattr(lib, name).restype = ctypes.c_void_p
GET_TAG, SET_TAG = 0x10, 0x11


def gcm(key, iv, more, text, tag=None):
    """Encrypts, or with a tag decrypts: what came out, and the tag or whether it was right."""
    cipher = ctypes.c_void_p(lib.EVP_aes_128_gcm() if len(key) == 16 else lib.EVP_aes_256_gcm())
    context, count, out = ctypes.c_void_p(lib.EVP_CIPHER_CTX_new()), ctypes.c_int(), ctypes.create_string_buffer(len(text) + 16)
    encrypts = tag is None
    assert lib.EVP_CipherInit_ex(context, cipher, None, key, iv, encrypts) == 1
    assert lib.EVP_CipherUpdate(context, None, ctypes.byref(count), more, len(more)) == 1
    assert lib.EVP_CipherUpdate(context, out, ctypes.byref(count), text, len(text)) == 1
    result = out.raw[: count.value]
    if not encrypts:
        assert lib.EVP_CIPHER_CTX_ctrl(context, SET_TAG, 16, tag) == 1
    done = lib.EVP_CipherFinal_ex(context, out, ctypes.byref(count))
    if not encrypts:
        return result, done == 1
    tag = ctypes.create_string_buffer(16)
    assert done == 1 and lib.EVP_CIPHER_CTX_ctrl(context, GET_TAG, 16, tag) == 1
    return result, tag.raw


KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308")
IV = bytes.fromhex("cafebabefacedbaddecaf888")
MORE = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
TEXT = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
)
for key in KEY, KEY + KEY:
    cipher, tag = gcm(key, IV, MORE, TEXT)
    print(cipher.hex(), tag.hex())
    print("and back", gcm(key, IV, MORE, cipher, tag) == (TEXT, True))
    print("with another tag", gcm(key, IV, MORE, cipher, bytes(16))[1])
