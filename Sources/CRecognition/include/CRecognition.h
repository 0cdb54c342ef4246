// Reading the words of a picture with Tesseract, where it is installed. The library is opened at run time, so neither
// the build nor a start needs it: it is an option of the set-up. Known by the room Ingest only.
// https://tesseract-ocr.github.io/tessapi/5.x/a00008.html
#ifndef CRECOGNITION_H
#define CRECOGNITION_H

#include <stddef.h>
#include <stdint.h>

typedef struct fn_recogniser fn_recogniser;

// One word, its box in pixels from the top left, its confidence from 0 to 100. Lines and blocks count from 0.
typedef void (*fn_recognised)(void *context, const char *text, const int32_t box[4], float confidence, int32_t line,
                              int32_t block);

// NULL where Tesseract or its data is not installed.
fn_recogniser *fn_recogniser_open(void);
void fn_recogniser_close(fn_recogniser *recogniser);

// The languages that it reads, as 'eng+deu'.
const char *fn_recogniser_languages(const fn_recogniser *recogniser);

// A picture of 8-bit grey values. 0 when it was read, -1 when not.
int fn_recognise(fn_recogniser *recogniser, const uint8_t *grey, int32_t width, int32_t height, int32_t stride,
                 int32_t dots_per_inch, fn_recognised found, void *context);

#endif
