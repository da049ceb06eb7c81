/* SPDX-License-Identifier: Apache-2.0
 * libcmark-gfm's parser, as Swift can call it. Only the syntax tree is used; its own renderers are not. */
#ifndef NASHRA_CMARKDOWN_H
#define NASHRA_CMARKDOWN_H
#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>
#endif
