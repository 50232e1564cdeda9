#ifndef ESPALIER_BUILD_H
#define ESPALIER_BUILD_H

/* Returns 1 if the kernels were compiled with optimisation, else 0. */
int esp_kernels_optimized(void);

#endif
