/* SPDX-License-Identifier: MIT
 *
 * All that the checks share, a header a concept; what fuzz/ and tests/programs/ share with them
 * they include by itself. */
#ifndef SPK_TESTS_SUPPORT_H
#define SPK_TESTS_SUPPORT_H

#include "base/report.h"
#include "buffer.h"
#include "checks.h"
#include "dice.h"
#include "die.h"
#include "forbid.h"
#include "judge.h"
#include "meter.h"
#include "pieces.h"
#include "reading.h"
#include "safepickle.h"
#include "same_report.h"
#include "samples.h"
#include "sink.h"
#include "stored_gzip.h"
#include "tar_header.h"
#include "words.h"

#endif
