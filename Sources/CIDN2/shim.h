/* SPDX-License-Identifier: Apache-2.0
 * libidn2, as Swift can call it: domain names to A-labels and back (RFC 5890, UTS 46). */
#ifndef NASHRA_CIDN2_H
#define NASHRA_CIDN2_H
#include <idn2.h>
#endif
