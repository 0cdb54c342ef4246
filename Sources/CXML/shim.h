// libxml2 as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

// xmlFree is a variable that holds a function, which Swift will not call across threads.
static inline void footnote_xml_free(void *memory) { xmlFree(memory); }
