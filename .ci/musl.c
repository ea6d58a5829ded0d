// What Debian's C++ libraries ask of Debian's C library and musl does not have: with these few functions they run on musl, as Alpine's own do.
#include <stddef.h>
#include <stdint.h>

struct phdr { uint32_t type, flags; uint64_t offset, vaddr, paddr, filesz, memsz, align; };
struct info { uint64_t addr; const char *name; const struct phdr *phdr; uint16_t phnum; };
struct object { unsigned long long flags; void *start, *end, *map, *frame; unsigned long long rest[7]; };
struct search { uint64_t pc; struct object *found; };

int dl_iterate_phdr(int (*)(struct info *, size_t, void *), void *);
size_t strftime_l(char *, size_t, const char *, const void *, void *);
long getrandom(void *, size_t, unsigned);

char __libc_single_threaded;
struct { unsigned vendor, type, subtype, features[1]; } __cpu_model;
int __cpu_indicator_init(void) { return 0; }
unsigned arc4random(void) { unsigned r = 0; getrandom(&r, sizeof r, 0); return r; }
size_t __strftime_l(char *s, size_t n, const char *f, const void *t, void *l) { return strftime_l(s, n, f, t, l); }
int __cxa_thread_atexit_impl(void (*f)(void *), void *o, void *d) { return 0; }

static int look(struct info *i, size_t size, void *data)
{
    enum { load = 1, eh_frame = 0x6474e550 };
    struct search *s = data;
    uint64_t frame = 0, start = 0, end = 0;
    for (int k = 0; k < i->phnum; k++) {
        const struct phdr *p = &i->phdr[k];
        uint64_t at = i->addr + p->vaddr;
        if (p->type == load && s->pc >= at && s->pc < at + p->memsz) { start = at; end = at + p->memsz; }
        if (p->type == eh_frame) frame = at;
    }
    if (!start || !frame) return 0;
    *s->found = (struct object) { .start = (void *)start, .end = (void *)end, .frame = (void *)frame };
    return 1;
}

// Who throws an exception asks where the tables of a piece of code are.
int _dl_find_object(void *pc, struct object *found)
{
    struct search s = { (uint64_t)pc, found };
    return dl_iterate_phdr(look, &s) ? 0 : -1;
}
