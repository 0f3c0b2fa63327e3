// Hostile: it adds a key to the keyring of its user, where it would outlive it.

#include "attempt.h"

static const char *attempt(void)
{
    long key = syscall(SYS_add_key, "user", "hostile", "x", 1, -4);
    if (key >= 0) syscall(SYS_keyctl, 3, key);
    return key >= 0 ? "the key is added" : NULL;
}
