/* The files of the console's pages, embedded into the executable. */
#ifndef CONSOLE_PAGES_H
#define CONSOLE_PAGES_H

struct console_page_asset {
  /* The file's name, as in URLs. */
  const char *name;
  const unsigned char *bytes;
  unsigned long size;
};

unsigned long console_page_asset_count(void);

/* Valid for the life of the process; `index` is less than the count. */
const struct console_page_asset *console_page_asset_at(unsigned long index);

#endif
