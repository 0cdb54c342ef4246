// See CRecognition.h.
#include "CRecognition.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { languages_max = 4, level_block = 0, level_line = 2, level_word = 3, segmentation_auto = 3, engine_lstm = 1 };

// The names of the C interface, by the part of them that differs.
struct calls {
  void *(*Create)(void);
  void (*Delete)(void *);
  int (*Init2)(void *, const char *, const char *, int);
  void (*SetPageSegMode)(void *, int);
  void (*SetImage)(void *, const unsigned char *, int, int, int, int);
  void (*SetSourceResolution)(void *, int);
  int (*Recognize)(void *, void *);
  void *(*GetIterator)(void *);
  void (*Clear)(void *);
  void (*IteratorDelete)(void *);
  int (*IteratorNext)(void *, int);
  char *(*IteratorText)(const void *, int);
  float (*IteratorConfidence)(const void *, int);
  void (*DeleteText)(const char *);
  const void *(*PageIterator)(const void *);
  int (*IsAtBeginningOf)(const void *, int);
  int (*BoundingBox)(const void *, int, int *, int *, int *, int *);
  int (*SetVariable)(void *, const char *, const char *);
};

struct fn_recogniser {
  struct calls call;
  void *api;
  char languages[256];
};

static const char *const folders[] = {
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
};

static int load(struct calls *call) {
  static const char *const names[] = {"libtesseract.so.5", "libtesseract.so.4"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return 0;
  const struct {
    void *slot;
    const char *name;
  } wanted[] = {
      {&call->Create, "TessBaseAPICreate"},
      {&call->Delete, "TessBaseAPIDelete"},
      {&call->Init2, "TessBaseAPIInit2"},
      {&call->SetPageSegMode, "TessBaseAPISetPageSegMode"},
      {&call->SetImage, "TessBaseAPISetImage"},
      {&call->SetSourceResolution, "TessBaseAPISetSourceResolution"},
      {&call->Recognize, "TessBaseAPIRecognize"},
      {&call->GetIterator, "TessBaseAPIGetIterator"},
      {&call->Clear, "TessBaseAPIClear"},
      {&call->SetVariable, "TessBaseAPISetVariable"},
      {&call->IteratorDelete, "TessResultIteratorDelete"},
      {&call->IteratorNext, "TessResultIteratorNext"},
      {&call->IteratorText, "TessResultIteratorGetUTF8Text"},
      {&call->IteratorConfidence, "TessResultIteratorConfidence"},
      {&call->PageIterator, "TessResultIteratorGetPageIteratorConst"},
      {&call->DeleteText, "TessDeleteText"},
      {&call->IsAtBeginningOf, "TessPageIteratorIsAtBeginningOf"},
      {&call->BoundingBox, "TessPageIteratorBoundingBox"},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *found = dlsym(library, wanted[i].name);
    // It stays open: what was mapped once is mapped for the process.
    if (!found) return 0;
    memcpy(wanted[i].slot, &found, sizeof found);
  }
  return 1;
}

static int by_name(const void *left, const void *right) { return strcmp(left, right); }

// 'eng' first, then the others that are installed, by name. What is no language (osd, equ) stays out.
static void list_languages(const char *folder, char *list, size_t size) {
  char found[64][24];
  size_t count = 0;
  DIR *directory = opendir(folder);
  if (!directory) return;
  for (struct dirent *entry; count < 64 && (entry = readdir(directory));) {
    const char *dot = strstr(entry->d_name, ".traineddata");
    size_t length = dot ? (size_t)(dot - entry->d_name) : 0;
    if (!length || length >= sizeof found[0] || dot[strlen(".traineddata")]) continue;
    memcpy(found[count], entry->d_name, length);
    found[count][length] = 0;
    if (strcmp(found[count], "osd") && strcmp(found[count], "equ")) count++;
  }
  closedir(directory);
  qsort(found, count, sizeof found[0], by_name);
  size_t taken = 0, used = 0;
  for (int round = 0; round < 2; round++) {
    for (size_t i = 0; i < count && taken < languages_max; i++) {
      if ((round == 0) != (strcmp(found[i], "eng") == 0)) continue;
      int written = snprintf(list + used, size - used, "%s%s", used ? "+" : "", found[i]);
      if (written < 0 || (size_t)written >= size - used) return;
      used += (size_t)written;
      taken++;
    }
  }
}

fn_recogniser *fn_recogniser_open(void) {
  // One page at a time on one core: a worker has no more, and threads of its own only wait for each other.
  setenv("OMP_THREAD_LIMIT", "1", 1);
  fn_recogniser *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  if (!load(&made->call)) {
    free(made);
    return NULL;
  }
  for (size_t i = 0; i < sizeof folders / sizeof *folders && !made->api; i++) {
    made->languages[0] = 0;
    list_languages(folders[i], made->languages, sizeof made->languages);
    if (!made->languages[0]) continue;
    void *api = made->call.Create();
    if (api && made->call.Init2(api, folders[i], made->languages, engine_lstm) == 0) made->api = api;
    else if (api) made->call.Delete(api);
  }
  if (!made->api) {
    free(made);
    return NULL;
  }
  made->call.SetPageSegMode(made->api, segmentation_auto);
  return made;
}

void fn_recogniser_close(fn_recogniser *recogniser) {
  if (!recogniser) return;
  recogniser->call.Delete(recogniser->api);
  free(recogniser);
}

const char *fn_recogniser_languages(const fn_recogniser *recogniser) { return recogniser->languages; }

int fn_recognise(fn_recogniser *recogniser, const uint8_t *grey, int32_t width, int32_t height, int32_t stride,
                 int32_t dots_per_inch, fn_recognised found, void *context) {
  const struct calls *call = &recogniser->call;
  call->SetImage(recogniser->api, grey, width, height, 1, stride);
  call->SetSourceResolution(recogniser->api, dots_per_inch);
  if (call->Recognize(recogniser->api, NULL) != 0) {
    call->Clear(recogniser->api);
    return -1;
  }
  void *iterator = call->GetIterator(recogniser->api);
  if (iterator) {
    int32_t line = -1, block = -1;
    do {
      const void *page = call->PageIterator(iterator);
      if (call->IsAtBeginningOf(page, level_block)) block++;
      if (call->IsAtBeginningOf(page, level_line)) line++;
      int left, top, right, bottom;
      char *text = call->IteratorText(iterator, level_word);
      if (text && call->BoundingBox(page, level_word, &left, &top, &right, &bottom)) {
        const int32_t box[4] = {left, top, right, bottom};
        found(context, text, box, call->IteratorConfidence(iterator, level_word), line, block);
      }
      if (text) call->DeleteText(text);
    } while (call->IteratorNext(iterator, level_word));
    call->IteratorDelete(iterator);
  }
  call->Clear(recogniser->api);
  return 0;
}
