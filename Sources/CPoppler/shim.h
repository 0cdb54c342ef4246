// poppler-glib as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <poppler.h>
