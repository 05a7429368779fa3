/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"

G_BEGIN_DECLS

#define UB_TYPE_FORMAT_PAGE (ub_format_page_get_type ())
G_DECLARE_FINAL_TYPE (UbFormatPage, ub_format_page, UB, FORMAT_PAGE, GtkWidget)

/* @application: borrowed, outlives the page */
GtkWidget *ub_format_page_new (UbApplication *application);

G_END_DECLS
