// poppler-glib and cairo as Swift sees them. The shim holds only what Swift cannot call, and the fields of glib's own
// structs, whose module belongs to another room.
#pragma once
#include <cairo.h>
#include <poppler.h>

static inline int footnote_error_code(const GError *error) { return error ? error->code : 0; }

static inline const PopplerTextAttributes *footnote_attributes(const GList *run) { return run->data; }
static inline const PopplerFormFieldMapping *footnote_form_field(const GList *item) { return item->data; }
static inline const PopplerAnnotMapping *footnote_annotation(const GList *item) { return item->data; }
static inline const PopplerLinkMapping *footnote_link(const GList *item) { return item->data; }
static inline const PopplerImageMapping *footnote_image(const GList *item) { return item->data; }
static inline const GList *footnote_next(const GList *item) { return item->next; }
