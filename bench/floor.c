/* floor.c - the cheapest SNMP poll that we can write: the floor that the poller is compared with.
 *
 * One UDP socket, requests encoded beforehand, sendmmsg / recvmmsg, a bounded window of requests in flight, time-outs in order with
 * retries. Every variable binding is parsed, its name compared with the one expected in that place, its number stored.
 *
 * Plan file, little-endian: "YWFL", u32 requests; each: u32 IPv4 address (network order), u16 port (network order), u16 size,
 * u16 place of the request-id, u16 variables, u32 number of the first variable, the request, then each variable: u8 size, name.
 *
 * Build: cc -O2 -Wall -Wextra -o floor floor.c
 * Run:   ./floor plan sweeps window timeout-ms retries      prints one line of JSON
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define B 64

struct ask { struct sockaddr_in to; uint8_t *data; const uint8_t *names; uint16_t size, id_at, count; uint32_t first; };

static struct ask *asks; static uint32_t total;
static uint64_t *store; static uint8_t *kinds; static uint32_t variables;
static uint8_t *state, *tries; static uint64_t *deadline;      /* state: 0 waiting, 1 answered, 2 given up */
static uint64_t vars, bad, got, lost;

static uint64_t now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000ull + t.tv_nsec / 1000; }

static void load(const char *path) {
    FILE *f = fopen(path, "rb"); char magic[4];
    if (!f || fread(magic, 4, 1, f) != 1 || memcmp(magic, "YWFL", 4) || fread(&total, 4, 1, f) != 1) { fprintf(stderr, "floor: no plan\n"); exit(2); }
    asks = calloc(total, sizeof *asks);
    for (uint32_t i = 0; i < total; i++) {
        struct ask *a = &asks[i]; uint32_t ip; uint16_t port, h[4];
        if (fread(&ip, 4, 1, f) != 1 || fread(&port, 2, 1, f) != 1 || fread(h, 2, 4, f) != 4 || fread(&a->first, 4, 1, f) != 1) exit(2);
        a->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = ip };
        a->size = h[0]; a->id_at = h[1]; a->count = h[2];
        a->data = malloc(a->size);
        uint8_t *names = malloc(h[3] ? h[3] : 1);
        if (fread(a->data, a->size, 1, f) != 1 || (h[3] && fread(names, h[3], 1, f) != 1)) exit(2);
        a->names = names;
        if (a->first + a->count > variables) variables = a->first + a->count;
    }
    fclose(f);
}

static const uint8_t *len_of(const uint8_t *p, const uint8_t *e, uint32_t *n) {
    if (p >= e) return NULL;
    *n = *p++;
    if (*n & 128) { int k = *n & 127; *n = 0; if (k > 3 || e - p < k) return NULL; while (k--) *n = *n << 8 | *p++; }
    return *n > (size_t)(e - p) ? NULL : p;
}

/* Reads the header up to the request-id; returns the place after it. */
static const uint8_t *header(const uint8_t *p, const uint8_t *e, uint32_t *id) {
    uint32_t n;
    if (e - p < 24 || *p++ != 0x30 || !(p = len_of(p, e, &n)) || p[0] != 2) return NULL;
    p += 2 + p[1]; if (p >= e || *p++ != 4 || !(p = len_of(p, e, &n))) return NULL;
    p += n; if (p >= e || *p++ != 0xa2 || !(p = len_of(p, e, &n)) || p[0] != 2) return NULL;
    int k = p[1]; p += 2; *id = 0; if (k > 4 || e - p < k) return NULL;
    while (k--) *id = *id << 8 | *p++;
    return p;
}

static int parse(const uint8_t *p, const uint8_t *e, const struct ask *a) {
    uint32_t n, i = 0; const uint8_t *name = a->names;
    if (e - p < 8 || p[2] != 0) return -1;
    p += 6; if (*p++ != 0x30 || !(p = len_of(p, e, &n))) return -1;
    for (; p < e; i++) {
        if (i == a->count || *p++ != 0x30 || !(p = len_of(p, e, &n)) || *p++ != 6 || !(p = len_of(p, e, &n))) return -1;
        if (n != name[0] || memcmp(p, name + 1, n)) return -1;
        p += n; name += n + 1;
        if (p >= e) return -1;
        uint8_t t = *p++; if (!(p = len_of(p, e, &n)) || n > 9) return -1;
        uint64_t v = t == 2 && n && *p & 128 ? ~0ull : 0;
        for (uint32_t k = 0; k < n; k++) v = v << 8 | p[k];
        p += n; if (t & 0x80) return -1;
        store[a->first + i] = v; kinds[a->first + i] = t;
    }
    vars += i;
    return i == a->count ? 0 : -1;
}

int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "usage: floor plan sweeps window timeout-ms retries\n"); return 2; }
    load(argv[1]);
    int sweeps = atoi(argv[2]), window = atoi(argv[3]), timeout_ms = atoi(argv[4]), retries = atoi(argv[5]);
    store = calloc(variables, 8); kinds = calloc(variables, 1);
    state = malloc(total); tries = malloc(total); deadline = malloc(total * sizeof *deadline);
    uint32_t *fifo = malloc(sizeof *fifo * total * (retries + 1));
    int fd = socket(AF_INET, SOCK_DGRAM, 0), big = 16 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
    struct mmsghdr tx[B], rx[B]; struct iovec tv[B], rv[B]; struct sockaddr_in from[B];
    uint8_t (*rb)[65536] = malloc(B * sizeof *rb);
    memset(tx, 0, sizeof tx); memset(rx, 0, sizeof rx);
    for (int i = 0; i < B; i++) {
        rv[i] = (struct iovec){ rb[i], 65536 };
        rx[i].msg_hdr = (struct msghdr){ .msg_iov = &rv[i], .msg_iovlen = 1, .msg_name = &from[i], .msg_namelen = sizeof from[i] };
        tx[i].msg_hdr = (struct msghdr){ .msg_namelen = sizeof(struct sockaddr_in), .msg_iov = &tv[i], .msg_iovlen = 1 };
    }
    struct rusage r0, ru; getrusage(RUSAGE_SELF, &r0);
    uint64_t t_all = now_us();
    for (int s = 0; s < sweeps; s++) {
        memset(state, 0, total); memset(tries, 0, total);
        uint32_t base = ((uint32_t)(now_us() * 2654435761u) & 0x3fffffff) | 0x800000;
        size_t next = 0, fh = 0, ft = 0, open_n = 0, done = 0;
        while (done < total) {
            uint64_t us = now_us(); int n = 0; uint32_t pick[B];
            while (fh < ft && n < B) {                   /* time-outs first: oldest at the head */
                uint32_t r = fifo[fh];
                if (state[r]) { fh++; continue; }
                if (deadline[r] > us) break;
                fh++;
                if (tries[r] > retries) { state[r] = 2; lost++; done++; open_n--; continue; }
                pick[n++] = r;
            }
            while (n < B && next < total && open_n < (size_t)window) { pick[n++] = next++; open_n++; }
            for (int i = 0; i < n; i++) {
                struct ask *a = &asks[pick[i]]; uint32_t id = base + pick[i]; uint8_t *q = a->data + a->id_at;
                q[0] = id >> 24; q[1] = id >> 16; q[2] = id >> 8; q[3] = id;
                tv[i] = (struct iovec){ a->data, a->size }; tx[i].msg_hdr.msg_name = &a->to;
                tries[pick[i]]++; deadline[pick[i]] = us + timeout_ms * 1000ull; fifo[ft++] = pick[i];
            }
            for (int k = 0; k < n;) { int z = sendmmsg(fd, tx + k, n - k, 0); if (z > 0) k += z; else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) return 1; }
            if (n == B && open_n < (size_t)window) continue;
            struct pollfd pf = { fd, POLLIN, 0 };
            if (!n && poll(&pf, 1, 50) <= 0) continue;
            int m = recvmmsg(fd, rx, B, MSG_DONTWAIT, NULL);
            for (int i = 0; i < m; i++) {
                uint32_t id; const uint8_t *e = rb[i] + rx[i].msg_len, *p = header(rb[i], e, &id);
                uint32_t r = id - base;
                rx[i].msg_hdr.msg_namelen = sizeof from[i];
                if (!p || r >= total || state[r] || from[i].sin_addr.s_addr != asks[r].to.sin_addr.s_addr || from[i].sin_port != asks[r].to.sin_port) { bad++; continue; }
                state[r] = 1; done++; open_n--; got++;
                if (parse(p, e, &asks[r])) bad++;
            }
        }
    }
    double wall = (now_us() - t_all) / 1e6; getrusage(RUSAGE_SELF, &ru);
    double cpu = (ru.ru_utime.tv_sec - r0.ru_utime.tv_sec) + (ru.ru_utime.tv_usec - r0.ru_utime.tv_usec) / 1e6
               + (ru.ru_stime.tv_sec - r0.ru_stime.tv_sec) + (ru.ru_stime.tv_usec - r0.ru_stime.tv_usec) / 1e6;
    printf("{\"variables\": %lu, \"answers\": %lu, \"lost\": %lu, \"bad\": %lu, \"wall\": %.4f, \"cpu\": %.4f, \"rss_kb\": %ld}\n", vars, got, lost, bad, wall, cpu, ru.ru_maxrss);
    return 0;
}
