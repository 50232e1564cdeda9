/* The micro-kernels, and the only list of them: definitions and dispatch tables follow from it.

   ESP_TILES(X) calls X(rows, pixels, blocks) for each tile of `rows` × `pixels` destination pixels × `blocks` blocks of
   16 channels that fits the registers of the instruction set being compiled.
   ESP_OUTERS(X) calls X(lines, blocks) for each outer-product tile of `lines` source channels × `blocks` blocks.

   No include guard: the lists depend on ESP_ISA_LEVEL. A tile keeps rows · pixels · blocks accumulators; those of AVX2
   split into 2 registers, those of SSE2 and NEON into 4. Larger tiles spill and run several times slower. */

#undef ESP_TILES
#undef ESP_OUTERS

#if ESP_ISA_LEVEL == 2
#define ESP_TILES(X) \
  X(1, 1, 1) X(1, 2, 1) X(1, 3, 1) X(1, 4, 1) X(1, 5, 1) X(1, 6, 1) X(1, 7, 1) X(1, 8, 1) \
  X(1, 9, 1) X(1, 10, 1) X(1, 11, 1) X(1, 12, 1) X(1, 13, 1) X(1, 14, 1) X(1, 15, 1) X(1, 16, 1) \
  X(2, 1, 1) X(2, 2, 1) X(2, 3, 1) X(2, 4, 1) X(2, 5, 1) X(2, 6, 1) X(2, 7, 1) X(2, 8, 1) \
  X(4, 1, 1) X(4, 2, 1) X(4, 3, 1) X(4, 4, 1) \
  X(1, 1, 2) X(1, 2, 2) X(1, 3, 2) X(1, 4, 2) X(1, 5, 2) X(1, 6, 2) \
  X(1, 7, 2) X(1, 8, 2) X(1, 9, 2) X(1, 10, 2) X(1, 11, 2) X(1, 12, 2) \
  X(2, 1, 2) X(2, 2, 2) X(2, 3, 2) X(2, 4, 2) X(2, 5, 2) X(2, 6, 2) \
  X(4, 1, 2) X(4, 2, 2) X(4, 3, 2)
#define ESP_OUTERS(X) \
  X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(7, 1) X(8, 1) \
  X(9, 1) X(10, 1) X(11, 1) X(12, 1) X(13, 1) X(14, 1) X(15, 1) X(16, 1) \
  X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2) X(7, 2) X(8, 2) X(9, 2) X(10, 2) X(11, 2) X(12, 2)
#elif ESP_ISA_LEVEL == 1
#define ESP_TILES(X) \
  X(1, 1, 1) X(1, 2, 1) X(1, 3, 1) X(1, 4, 1) X(1, 5, 1) X(1, 6, 1) \
  X(2, 1, 1) X(2, 2, 1) X(2, 3, 1)
#define ESP_OUTERS(X) X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1)
#elif !ESP_ISA_X86
#define ESP_TILES(X) X(1, 1, 1) X(1, 2, 1) X(1, 3, 1) X(1, 4, 1) X(1, 5, 1) X(2, 1, 1) X(2, 2, 1)
#define ESP_OUTERS(X) X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1)
#else
#define ESP_TILES(X) X(1, 1, 1) X(1, 2, 1) X(2, 1, 1)
#define ESP_OUTERS(X) X(1, 1) X(2, 1)
#endif
