#ifndef ESPALIER_CRC32C_H
#define ESPALIER_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Returns the CRC-32C (Castagnoli polynomial, RFC 3720) of what `crc` is the CRC-32C of, followed by `count` bytes at
   `data`. Start with 0. `data` may have any alignment, and be null if `count` is 0. */
uint32_t esp_crc32c_extend(uint32_t crc, const void *data, size_t count);

/* The same from tables alone, on any processor: what the hardware's variant is tested against. */
uint32_t esp_crc32c_extend_portable(uint32_t crc, const void *data, size_t count);

#endif
