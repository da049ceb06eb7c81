/* SPDX-License-Identifier: Apache-2.0
 * libzip, as Swift can call it: the entries of a workbook, read one after the other. */
#ifndef NASHRA_CZIP_H
#define NASHRA_CZIP_H
#include <zip.h>
#endif
