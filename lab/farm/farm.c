/* farm.c - the fast player of the City: SNMP v1 and v2c agents for every device, on one UDP port.
 *
 * Maps the image (what stands still) and the state (what moves), both written by Python: lab/image.py and lab/state.py
 * define the structures, lab/mib.py the columns and the codes of values, lab/traffic.py the counters. IP_PKTINFO tells
 * which device was addressed and makes the answer leave from the same address.
 *
 *   farm --image FILE --state FILE [--port 0] [--threads 1] [--max-size 1400] [--community C] [--seed S]
 *
 * Prints "ready PORT" and serves until SIGTERM, SIGINT, or the death of its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define MAXSUB 128              /* RFC 3416: an OID has at most 128 sub-ids */
#define MAXVB 512               /* varbinds taken from one request */
#define RXMAX 4096
#define OUTMAX 65507
#define SLACK 8192              /* room behind the limit for the varbind that does not fit */
#define HELDMAX 65536

enum { T_INT = 0x02, T_STR = 0x04, T_NULL = 0x05, T_OID = 0x06, T_SEQ = 0x30, T_IP = 0x40,
       T_C32 = 0x41, T_G32 = 0x42, T_TICKS = 0x43, T_C64 = 0x46,
       T_NOSUCHOBJ = 0x80, T_NOSUCHINST = 0x81, T_ENDOFMIB = 0x82,
       P_GET = 0xa0, P_NEXT = 0xa1, P_RESP = 0xa2, P_SET = 0xa3, P_BULK = 0xa5,
       E_TOOBIG = 1, E_NOSUCHNAME = 2, E_READONLY = 4, E_NOTWRITABLE = 17 };

/* lab/mib.py: Table and Value. */
enum { TB_SCALAR, TB_PORT, TB_ENTITY, TB_LLDP_LOCAL, TB_LLDP_REMOTE, TB_STORAGE, TB_PROCESSOR, TB_ADDRESS, TB_BOARD,
       TB_FDB, TB_FDB_OLD, TB_ARP, TB_VLAN, TB_VLAN_CURRENT, TB_VRF, TB_VRF_PORT, TB_LLDP_ADDRESS, TB_CDP, TB_ROUTE };
#define F_CISCO 32              /* lab/mib.py: Feature */
#define NOBODY 0xffffffffu
#define MAXINDEX 64             /* sub-ids of a row's index: names are at most 31 octets */
#define OIDMAX 200              /* octets of a row's encoded OID */
enum { V_SYS_DESCR = 1, V_SYS_OBJECT_ID, V_SYS_UPTIME, V_SYS_CONTACT, V_SYS_NAME, V_SYS_LOCATION, V_SYS_SERVICES, V_IF_NUMBER,
       V_IF_INDEX = 20, V_IF_DESCR, V_IF_TYPE, V_IF_MTU, V_IF_SPEED, V_IF_PHYS, V_IF_ADMIN, V_IF_OPER, V_IF_LAST_CHANGE, V_IF_NAME, V_IF_TRAP,
       V_IF_HIGH_SPEED, V_IF_PROMISCUOUS, V_IF_CONNECTOR, V_IF_ALIAS, V_ZERO_TICKS, V_ZERO_GAUGE,
       V_COUNTER = 64, V_COUNTER_END = 92,
       V_ENT_DESCR = 100, V_ENT_VENDOR_TYPE, V_ENT_CONTAINED_IN, V_ENT_CLASS, V_ENT_PARENT_REL, V_ENT_NAME, V_ENT_HARDWARE, V_ENT_FIRMWARE,
       V_ENT_SOFTWARE, V_ENT_SERIAL, V_ENT_MAKER, V_ENT_MODEL, V_ENT_EMPTY, V_ENT_FRU,
       V_LLDP_CHASSIS_TYPE = 120, V_LLDP_CHASSIS, V_LLDP_PORT_TYPE, V_LLDP_LOCAL_PORT, V_LLDP_LOCAL_DESCR, V_LLDP_REMOTE_CHASSIS, V_LLDP_REMOTE_PORT,
       V_LLDP_REMOTE_DESCR, V_LLDP_REMOTE_NAME, V_LLDP_REMOTE_SYSTEM, V_LLDP_CAPABILITIES,
       V_HOST_UPTIME = 140, V_HOST_USERS, V_HOST_PROCESSES, V_HOST_MEMORY, V_STORAGE_INDEX, V_STORAGE_TYPE, V_STORAGE_DESCR, V_STORAGE_UNITS,
       V_STORAGE_SIZE, V_STORAGE_USED, V_CPU_INDEX, V_CPU_TYPE, V_CPU_DESCR, V_CPU_STATUS, V_CPU_FIRMWARE, V_CPU_LOAD,
       V_ADDRESS = 160, V_ADDRESS_IF_INDEX, V_ADDRESS_MASK,
       V_BOARD_CPU = 170, V_BOARD_MEMORY, V_BOARD_TEMPERATURE, V_GAUGE_CPU, V_GAUGE_MEMORY,
       V_BASE_PORT_IF = 180, V_FDB_ADDRESS, V_FDB_PORT, V_FDB_STATUS, V_ARP_IF, V_ARP_MAC, V_ARP_ADDRESS, V_ARP_TYPE, V_VLAN_NAME, V_VLAN_FDB,
       V_VRF_DESCR, V_VRF_RD, V_VRF_CLASS, V_LLDP_ADDRESS_KIND, V_CDP_ADDRESS_TYPE, V_CDP_ADDRESS, V_CDP_NAME, V_CDP_PORT, V_CDP_PLATFORM,
       V_CDP_CAPABILITIES, V_ROUTE_IF, V_ROUTE_TYPE, V_ROUTE_PROTO };

/* ---------------------------------------------------------------- lab/image.py */

typedef struct { uint32_t at, size; } ref;
typedef struct {
    char magic[8]; uint32_t base, slots;
    uint64_t n_devices, n_ports, n_entities, n_neighbours, n_storage, n_learned, n_columns, n_patterns, n_blob;
    uint64_t at_devices, at_ports, at_entities, at_neighbours, at_storage, at_learned, at_columns, at_patterns, at_blob;
} image_head;
typedef struct {
    uint32_t first_port, ports, first_entity, entities, first_neighbour, neighbours, first_storage, storage, processors, boards, features, services,
             management, capabilities, memory_kb;
    uint8_t mac[6], pad[2];
    uint32_t gateway, first_fdb, fdb, first_arp, arp, first_vlan, vlans, first_vrf, vrfs, first_vrf_port, vrf_ports;
    ref descr, object_id, contact, name, location, cpu;
} image_device;
typedef struct {
    uint32_t index; uint16_t if_type; uint8_t physical, pad; uint32_t mtu, mbps; uint8_t mac[6], pad1[2];
    ref descr, name, alias;
} image_port;
typedef struct {
    uint32_t index, contained_in, kind; int32_t position; uint32_t fru, pad;
    ref descr, name, hardware, firmware, software, serial, maker, model;
} image_entity;
typedef struct { uint32_t port, device, far_port, mark, index, pad; } image_neighbour;
typedef struct { uint32_t index, kind, units, size, permille, pad; ref descr; } image_storage;
typedef struct { uint32_t port, address; uint8_t mac[6]; uint16_t vlan; ref name, more; } image_learned;
typedef struct { uint32_t oid[16]; uint8_t length, table; uint16_t value; uint32_t needs, lacks; uint8_t encoded[31], encoded_length; } image_column;

_Static_assert(sizeof(image_head) == 160 && sizeof(image_device) == 160 && sizeof(image_learned) == 32 && sizeof(image_port) == 48 && sizeof(image_entity) == 88 &&
               sizeof(image_neighbour) == 24 && sizeof(image_storage) == 32 && sizeof(image_column) == 108, "as in lab/image.py");

/* ---------------------------------------------------------------- lab/state.py */

typedef struct {
    char magic[8]; uint32_t devices, ports; int64_t epoch_us, mono_us, frozen_us; uint64_t pad[3];
    atomic_ullong received, sent, variables, silent, lost, malformed; uint64_t spare[2];
} state_head;
typedef struct {
    atomic_uint seq; uint8_t alive, pad0; uint16_t max_size; int64_t boot_us; uint32_t latency_us, loss_ppm, shift_from, shift; uint64_t pad[4];
} state_device;
typedef struct {
    atomic_uint seq; uint8_t admin, oper, pattern, phase; int64_t changed_us; uint64_t base_in, base_out, mark_in, mark_out;
    uint32_t rate_in, rate_out; uint16_t packet, err_ppm; uint32_t pad;
} state_port;

_Static_assert(sizeof(state_head) == 128 && sizeof(state_device) == 64 && sizeof(state_port) == 64, "as in lab/state.py");

static struct { int port, max_size, threads; const char *community, *image, *state; uint64_t seed; } opt = { 0, 1400, 1, NULL, NULL, NULL, 1 };

static const image_head *im;
static const image_device *devices;
static const image_port *ports;
static const image_entity *entities;
static const image_neighbour *neighbours;
static const image_storage *storages;
static const image_learned *learned;
static const image_column *columns;
static int n_columns;
static const uint64_t *patterns;
static const char *blob;
static state_head *st;
static state_device *st_devices;
static state_port *st_ports;
static atomic_bool stop_flag;

/* One device for the time of one request. */
typedef struct {
    const image_device *d; uint32_t number; int64_t now_us, boot_us; uint32_t shift_from, shift;
    int row; state_port port; uint64_t octets[2];       /* the port last looked at; row -1: none yet */
} view;

static uint64_t mix(uint64_t x) {                       /* splitmix64 */
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static int64_t now_us(void) {
    if (st->frozen_us) return st->frozen_us;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return st->epoch_us + t.tv_sec * 1000000ll + t.tv_nsec / 1000 - st->mono_us;
}

/* A writer may die between its two marks: then what is there is taken after a while. */
static void copy_port(state_port *out, const state_port *in) {
    for (int tries = 0; tries < 1000; tries++) {
        unsigned seq = atomic_load_explicit(&in->seq, memory_order_acquire);
        memcpy((char *)out + 4, (const char *)in + 4, sizeof *out - 4);
        atomic_thread_fence(memory_order_acquire);
        if (!(seq & 1) && seq == atomic_load_explicit(&in->seq, memory_order_relaxed)) return;
    }
}

/* ---------------------------------------------------------------- lab/traffic.py */

#define SLOT_US 16000000ull
#define DAY_US (SLOT_US * 5400)

static uint64_t flow(int pattern, int phase, uint64_t us) {
    const uint64_t *row = patterns + (size_t)pattern * 5401;
    us += phase * SLOT_US;
    uint64_t day = us / DAY_US, rest = us % DAY_US, slot = rest / SLOT_US, part = rest % SLOT_US;
    return day * row[5400] + row[slot] + ((row[slot + 1] - row[slot]) >> 4) * part / 1000000;
}

static uint64_t carried(const state_port *p, int out, int64_t us) {
    uint64_t base = out ? p->base_out : p->base_in, mark = out ? p->mark_out : p->mark_in, rate = (out ? p->rate_out : p->rate_in) * 64ull;
    if (p->oper != 1) return base;
    uint64_t f = flow(p->pattern ^ out, p->phase, us);
    return f > mark ? base + (uint64_t)((unsigned __int128)rate * (f - mark) >> 16) : base;
}

static uint32_t load_weight(uint32_t device, uint64_t us) {
    const uint64_t *row = patterns + (size_t)(device % 32) * 5401;
    uint64_t slot = (us / SLOT_US + device) % 5400;
    return (row[slot + 1] - row[slot]) >> 4;
}

static uint64_t percent(uint64_t rest, uint64_t share, uint32_t weight) {
    uint64_t v = rest + (share * weight >> 16);
    return v > 100 ? 100 : v;
}

static const state_port *port_of(view *v, int row) {
    if (v->row != row) {
        copy_port(&v->port, &st_ports[v->d->first_port + row]);
        v->row = row;
        v->octets[0] = v->octets[1] = UINT64_MAX;
    }
    return &v->port;
}

static uint64_t counter(view *v, int row, int kind, int out) {
    const state_port *p = port_of(v, row);
    if (v->octets[out] == UINT64_MAX) v->octets[out] = carried(p, out, v->now_us);
    uint64_t octets = v->octets[out];
    if (kind == 0) return octets;
    uint64_t packets = octets / p->packet;
    switch (kind) {
    case 1: return packets;
    case 2: return packets >> 7;
    case 3: return packets >> 8;
    case 4: return p->err_ppm ? (unsigned __int128)packets * p->err_ppm / 4000000 : 0;
    case 5: return p->err_ppm ? (unsigned __int128)packets * p->err_ppm / (out ? 8000000 : 1000000) : 0;
    }
    return 0;
}

/* ---------------------------------------------------------------- rows */

static uint32_t if_index(const view *v, uint32_t row) {
    return ports[v->d->first_port + row].index + (row >= v->shift_from ? v->shift : 0);
}

/* Where the rows of a table that was learned begin; *n of them. NULL: it is none. */
static const image_learned *learned_of(const view *v, int table, int *n) {
    switch (table) {
    case TB_FDB: case TB_FDB_OLD: *n = v->d->fdb; return learned + v->d->first_fdb;
    case TB_ARP: *n = v->d->arp; return learned + v->d->first_arp;
    case TB_VLAN: case TB_VLAN_CURRENT: *n = v->d->vlans; return learned + v->d->first_vlan;
    case TB_VRF: *n = v->d->vrfs; return learned + v->d->first_vrf;
    case TB_VRF_PORT: *n = v->d->vrf_ports; return learned + v->d->first_vrf_port;
    }
    *n = 0;
    return NULL;
}

static int row_count(const view *v, int table) {
    switch (table) {
    case TB_SCALAR: case TB_ADDRESS: return 1;
    case TB_PORT: case TB_LLDP_LOCAL: return v->d->ports;
    case TB_ENTITY: return v->d->entities;
    case TB_BOARD: return v->d->boards;
    case TB_LLDP_REMOTE: case TB_LLDP_ADDRESS: case TB_CDP: return v->d->neighbours;
    case TB_STORAGE: return v->d->storage;
    case TB_PROCESSOR: return v->d->processors;
    case TB_ROUTE: return 2;
    }
    int n;
    learned_of(v, table, &n);
    return n;
}

static uint32_t *put_address(uint32_t *sub, uint32_t a) {
    *sub++ = a >> 24; *sub++ = a >> 16 & 255; *sub++ = a >> 8 & 255; *sub++ = a & 255;
    return sub;
}

/* The index of a row that was learned. */
static int learned_index(const view *v, int table, int row, uint32_t *sub) {
    int n;
    const image_learned *l = learned_of(v, table, &n) + row;
    uint32_t *at = sub;
    switch (table) {
    case TB_FDB: *at++ = l->vlan; /* fall through */
    case TB_FDB_OLD: for (int i = 0; i < 6; i++) *at++ = l->mac[i]; break;
    case TB_ARP: *at++ = if_index(v, l->port); at = put_address(at, l->address); break;
    case TB_VLAN_CURRENT: *at++ = 0; /* fall through */
    case TB_VLAN: *at++ = l->vlan; break;
    case TB_VRF: case TB_VRF_PORT:
        *at++ = l->name.size;
        for (uint32_t i = 0; i < l->name.size && i < 31; i++) *at++ = (uint8_t)blob[l->name.at + i];
        if (table == TB_VRF_PORT) *at++ = if_index(v, l->port);
        break;
    }
    return at - sub;
}

/* The index of a row; returns its number of sub-ids. */
static int row_index(const view *v, int table, int row, uint32_t sub[MAXINDEX]) {
    if (table >= TB_FDB && table <= TB_VRF_PORT) return learned_index(v, table, row, sub);
    switch (table) {
    case TB_PORT: sub[0] = if_index(v, row); return 1;
    case TB_ENTITY: case TB_BOARD: sub[0] = entities[v->d->first_entity + row].index; return 1;
    case TB_LLDP_LOCAL: sub[0] = row + 1; return 1;
    case TB_LLDP_REMOTE: {
        const image_neighbour *n = &neighbours[v->d->first_neighbour + row];
        sub[0] = n->mark; sub[1] = n->port + 1; sub[2] = n->index;
        return 3;
    }
    case TB_LLDP_ADDRESS: {
        const image_neighbour *n = &neighbours[v->d->first_neighbour + row];
        sub[0] = n->mark; sub[1] = n->port + 1; sub[2] = n->index; sub[3] = 1; sub[4] = 4;
        put_address(sub + 5, im->base + 1 + n->device);
        return 9;
    }
    case TB_CDP: {
        const image_neighbour *n = &neighbours[v->d->first_neighbour + row];
        sub[0] = if_index(v, n->port); sub[1] = n->index;
        return 2;
    }
    case TB_ROUTE: {
        memset(sub, 0, 13 * sizeof *sub);
        uint32_t own = im->base + 1 + v->number;
        if (row) { put_address(sub, own); put_address(sub + 4, 0xffffffff); put_address(sub + 9, own); }
        else if (v->d->gateway != NOBODY) put_address(sub + 9, im->base + 1 + v->d->gateway);
        return 13;
    }
    case TB_STORAGE: sub[0] = storages[v->d->first_storage + row].index; return 1;
    case TB_PROCESSOR: sub[0] = 196608 + row; return 1;
    case TB_ADDRESS: {
        uint32_t a = im->base + 1 + v->number;
        sub[0] = a >> 24; sub[1] = a >> 16 & 255; sub[2] = a >> 8 & 255; sub[3] = a & 255;
        return 4;
    }
    }
    sub[0] = 0;
    return 1;
}

static int row_there(view *v, int table, int row) {
    if (table == TB_LLDP_LOCAL) return ports[v->d->first_port + row].physical;
    if (table == TB_LLDP_REMOTE || table == TB_LLDP_ADDRESS || table == TB_CDP) {
        const image_neighbour *n = &neighbours[v->d->first_neighbour + row];
        return (table != TB_CDP || devices[n->device].features & F_CISCO) && port_of(v, n->port)->oper == 1;
    }
    if (table == TB_FDB || table == TB_FDB_OLD || table == TB_ARP) {
        int n;
        return port_of(v, learned_of(v, table, &n)[row].port)->oper == 1;
    }
    return table != TB_ROUTE || row || v->d->gateway != NOBODY;
}

static int column_there(const view *v, int c) {
    return !(columns[c].needs & ~v->d->features) && !(columns[c].lacks & v->d->features);
}

typedef struct { int col, row; } place;

/* The first place from `at` on that has a value; col n_columns: the end. */
static place settle(view *v, place at) {
    while (at.col < n_columns) {
        if (column_there(v, at.col)) {
            int table = columns[at.col].table, n = row_count(v, table);
            while (at.row < n && !row_there(v, table, at.row)) at.row++;
            if (at.row < n) return at;
        }
        at.col++; at.row = 0;
    }
    return at;
}

static int compare(const uint32_t *a, int na, const uint32_t *b, int nb) {
    int n = na < nb ? na : nb;
    for (int i = 0; i < n; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return na - nb;
}

/* The first place whose OID is >= sub; *exact: it is equal; *known: sub lies under a column of the device. */
static place lower_bound(view *v, const uint32_t *sub, int n, int *exact, int *known) {
    int lo = 0, hi = n_columns;                         /* the last column whose OID is a prefix of sub or below it */
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (compare(columns[mid].oid, columns[mid].length, sub, n) <= 0) lo = mid + 1; else hi = mid;
    }
    *exact = *known = 0;
    int c = lo - 1;
    if (c < 0) return settle(v, (place){ 0, 0 });
    int k = columns[c].length;
    if (n < k || memcmp(columns[c].oid, sub, k * sizeof *sub)) return settle(v, (place){ c + 1, 0 });
    if (!column_there(v, c)) return settle(v, (place){ c, 0 });
    int table = columns[c].table, count = row_count(v, table), a = 0, b = count;
    uint32_t index[MAXINDEX];
    *known = count > 0;
    while (a < b) {
        int mid = (a + b) / 2;
        if (compare(index, row_index(v, table, mid, index), sub + k, n - k) < 0) a = mid + 1; else b = mid;
    }
    *exact = a < count && compare(index, row_index(v, table, a, index), sub + k, n - k) == 0 && row_there(v, table, a);
    return settle(v, (place){ c, a });
}

/* ---------------------------------------------------------------- BER out */

static uint8_t *put_uint(uint8_t *p, uint8_t type, uint64_t v) {
    int n = 1;
    while (n < 8 && v >> (8 * n)) n++;
    int pad = (int)(v >> (8 * n - 1) & 1);
    *p++ = type; *p++ = n + pad;
    if (pad) *p++ = 0;
    while (n--) *p++ = v >> (8 * n);
    return p;
}

static uint8_t *put_int(uint8_t *p, int64_t v) {
    int n = 1;
    while (n < 8 && (v >> (8 * n - 1)) != 0 && (v >> (8 * n - 1)) != -1) n++;
    *p++ = T_INT; *p++ = n;
    while (n--) *p++ = (uint64_t)v >> (8 * n);
    return p;
}

static uint8_t *put_head(uint8_t *p, uint8_t type, size_t n) {
    *p++ = type;
    if (n < 128) { *p++ = n; return p; }
    if (n < 256) { *p++ = 0x81; *p++ = n; return p; }
    *p++ = 0x82; *p++ = n >> 8; *p++ = n;
    return p;
}

static uint8_t *put_bytes(uint8_t *p, uint8_t type, const void *s, size_t n) {
    p = put_head(p, type, n);
    memcpy(p, s, n);
    return p + n;
}

static uint8_t *put_ref(uint8_t *p, ref r) { return put_bytes(p, T_STR, blob + r.at, r.size); }

static uint8_t *put_sub(uint8_t *p, uint32_t v) {
    if (v >= 0x10000000) *p++ = 0x80 | v >> 28;
    if (v >= 0x200000) *p++ = 0x80 | (v >> 21 & 0x7f);
    if (v >= 0x4000) *p++ = 0x80 | (v >> 14 & 0x7f);
    if (v >= 0x80) *p++ = 0x80 | (v >> 7 & 0x7f);
    *p++ = v & 0x7f;
    return p;
}

static uint32_t ticks(int64_t us) { return us > 0 ? us / 10000 : 0; }

static uint8_t *put_host(uint8_t *p, const image_column *c, view *v, int row) {
    static const uint8_t storage_type[] = { 0x2b, 6, 1, 2, 1, 25, 2, 1 }, processor_type[] = { 0x2b, 6, 1, 2, 1, 25, 3, 1, 3 };
    const image_storage *s = &storages[v->d->first_storage + row];
    uint32_t weight = load_weight(v->number, v->now_us);
    switch (c->value) {
    case V_HOST_UPTIME: return put_uint(p, T_TICKS, ticks(v->now_us - v->boot_us));
    case V_HOST_USERS: return put_uint(p, T_G32, v->number % 3);
    case V_HOST_PROCESSES: return put_uint(p, T_G32, 180 + (120ull * weight >> 16));
    case V_HOST_MEMORY: return put_uint(p, T_INT, v->d->memory_kb);
    case V_STORAGE_INDEX: return put_uint(p, T_INT, s->index);
    case V_STORAGE_TYPE: {
        uint8_t o[9];
        memcpy(o, storage_type, 8); o[8] = s->kind;
        return put_bytes(p, T_OID, o, 9);
    }
    case V_STORAGE_DESCR: return put_ref(p, s->descr);
    case V_STORAGE_UNITS: return put_uint(p, T_INT, s->units);
    case V_STORAGE_SIZE: return put_uint(p, T_INT, s->size);
    case V_STORAGE_USED: {
        uint64_t permille = s->permille + (s->kind == 2 ? 60ull * weight >> 16 : 0);
        return put_uint(p, T_INT, (uint64_t)s->size * (permille > 1000 ? 1000 : permille) / 1000);
    }
    case V_CPU_INDEX: return put_uint(p, T_INT, 196608 + row);
    case V_CPU_TYPE: return put_bytes(p, T_OID, processor_type, sizeof processor_type);
    case V_CPU_DESCR: return put_ref(p, v->d->cpu);
    case V_CPU_STATUS: return put_uint(p, T_INT, 2);
    case V_CPU_FIRMWARE: return put_bytes(p, T_OID, "", 1);
    case V_CPU_LOAD: return put_uint(p, T_INT, percent(3 + row % 7, 18, weight));
    case V_BOARD_CPU: case V_GAUGE_CPU: return put_uint(p, c->value == V_GAUGE_CPU ? T_G32 : T_INT, percent(6 + row % 5, 14, weight));
    case V_BOARD_MEMORY: case V_GAUGE_MEMORY: return put_uint(p, c->value == V_GAUGE_MEMORY ? T_G32 : T_INT, percent(38 + v->number % 20, 4, weight));
    case V_BOARD_TEMPERATURE: return put_uint(p, T_INT, percent(34 + v->number % 9, 4, weight));
    }
    return put_int(p, 0);
}

static uint8_t *put_entity(uint8_t *p, const image_column *c, view *v, int row) {
    const image_entity *e = &entities[v->d->first_entity + row];
    switch (c->value) {
    case V_ENT_DESCR: return put_ref(p, e->descr);
    case V_ENT_VENDOR_TYPE: return put_bytes(p, T_OID, "", 1);
    case V_ENT_CONTAINED_IN: return put_uint(p, T_INT, e->contained_in);
    case V_ENT_CLASS: return put_uint(p, T_INT, e->kind);
    case V_ENT_PARENT_REL: return put_int(p, e->position);
    case V_ENT_NAME: return put_ref(p, e->name);
    case V_ENT_HARDWARE: return put_ref(p, e->hardware);
    case V_ENT_FIRMWARE: return put_ref(p, e->firmware);
    case V_ENT_SOFTWARE: return put_ref(p, e->software);
    case V_ENT_SERIAL: return put_ref(p, e->serial);
    case V_ENT_MAKER: return put_ref(p, e->maker);
    case V_ENT_MODEL: return put_ref(p, e->model);
    case V_ENT_FRU: return put_uint(p, T_INT, e->fru);
    }
    return put_bytes(p, T_STR, "", 0);
}

static uint8_t *put_lldp(uint8_t *p, const image_column *c, view *v, int row) {
    const image_port *port = &ports[v->d->first_port + row];
    if (c->table == TB_LLDP_REMOTE) {
        const image_neighbour *n = &neighbours[v->d->first_neighbour + row];
        const image_device *far = &devices[n->device];
        port = &ports[n->far_port];
        switch (c->value) {
        case V_LLDP_REMOTE_CHASSIS: return put_bytes(p, T_STR, far->mac, 6);
        case V_LLDP_REMOTE_PORT: return put_ref(p, port->name);
        case V_LLDP_REMOTE_DESCR: return put_ref(p, port->descr);
        case V_LLDP_REMOTE_NAME: return put_ref(p, far->name);
        case V_LLDP_REMOTE_SYSTEM: return put_ref(p, far->descr);
        case V_LLDP_CAPABILITIES: { uint8_t b[2] = { far->capabilities >> 8, far->capabilities }; return put_bytes(p, T_STR, b, 2); }
        }
    }
    switch (c->value) {
    case V_LLDP_CHASSIS_TYPE: return put_uint(p, T_INT, 4);      /* macAddress */
    case V_LLDP_CHASSIS: return put_bytes(p, T_STR, v->d->mac, 6);
    case V_LLDP_PORT_TYPE: return put_uint(p, T_INT, 5);         /* interfaceName */
    case V_LLDP_LOCAL_PORT: return put_ref(p, port->name);
    case V_LLDP_LOCAL_DESCR: return put_ref(p, port->descr);
    }
    return put_int(p, 0);
}

static uint8_t *put_learned(uint8_t *p, const image_column *c, view *v, int row) {
    int n;
    const image_learned *l = learned_of(v, c->table, &n);
    if (l) l += row;
    switch (c->value) {
    case V_FDB_ADDRESS: case V_ARP_MAC: return put_bytes(p, T_STR, l->mac, 6);
    case V_FDB_PORT: return put_uint(p, T_INT, l->port + 1);
    case V_FDB_STATUS: case V_ARP_TYPE: return put_uint(p, T_INT, 3);
    case V_ARP_IF: return put_uint(p, T_INT, if_index(v, l->port));
    case V_ARP_ADDRESS: { uint32_t a = htonl(l->address); return put_bytes(p, T_IP, &a, 4); }
    case V_VLAN_NAME: return put_ref(p, l->name);
    case V_VLAN_FDB: return put_uint(p, T_G32, l->vlan);
    case V_VRF_RD: return put_ref(p, l->more);
    case V_VRF_DESCR: return put_bytes(p, T_STR, "", 0);
    case V_VRF_CLASS: case V_LLDP_ADDRESS_KIND: return put_uint(p, T_INT, 2);
    case V_BASE_PORT_IF: return put_uint(p, T_INT, if_index(v, row));
    case V_ROUTE_IF: return put_uint(p, T_INT, if_index(v, v->d->management));
    case V_ROUTE_TYPE: return put_uint(p, T_INT, row ? 3 : 4);
    case V_ROUTE_PROTO: return put_uint(p, T_INT, row ? 2 : 13);
    }
    const image_neighbour *far = &neighbours[v->d->first_neighbour + row];
    switch (c->value) {
    case V_CDP_ADDRESS_TYPE: return put_uint(p, T_INT, 1);
    case V_CDP_ADDRESS: { uint32_t a = htonl(im->base + 1 + far->device); return put_bytes(p, T_STR, &a, 4); }
    case V_CDP_NAME: return put_ref(p, devices[far->device].name);
    case V_CDP_PORT: return put_ref(p, ports[far->far_port].descr);
    case V_CDP_PLATFORM: return put_ref(p, devices[far->device].descr);
    case V_CDP_CAPABILITIES: {
        uint32_t lldp = devices[far->device].capabilities;
        uint8_t b[4] = { 0, 0, 0, (lldp >> 11 & 1) | (lldp >> 10 & 8) };
        return put_bytes(p, T_STR, b, 4);
    }
    }
    return put_int(p, 0);
}

/* Value of a column's row. At most 1,200 bytes: the writer of the image bounds texts. */
static uint8_t *put_value(uint8_t *p, const image_column *c, view *v, int row) {
    int code = c->value;
    if (code >= V_COUNTER && code < V_COUNTER_END) {
        uint64_t x = counter(v, row, (code - V_COUNTER) >> 2, code >> 1 & 1);
        return code & 1 ? put_uint(p, T_C64, x) : put_uint(p, T_C32, (uint32_t)x);
    }
    if (c->table == TB_PORT) {
        const image_port *port = &ports[v->d->first_port + row];
        switch (code) {
        case V_IF_INDEX: return put_uint(p, T_INT, if_index(v, row));
        case V_IF_DESCR: return put_ref(p, port->descr);
        case V_IF_TYPE: return put_uint(p, T_INT, port->if_type);
        case V_IF_MTU: return put_uint(p, T_INT, port->mtu);
        case V_IF_SPEED: return put_uint(p, T_G32, port->mbps >= 4295 ? 0xffffffffu : port->mbps * 1000000u);
        case V_IF_PHYS: return put_bytes(p, T_STR, port->mac, port->if_type == 6 || port->if_type == 161 || port->if_type == 136 ? 6 : 0);
        case V_IF_ADMIN: return put_uint(p, T_INT, port_of(v, row)->admin);
        case V_IF_OPER: return put_uint(p, T_INT, port_of(v, row)->oper);
        case V_IF_LAST_CHANGE: return put_uint(p, T_TICKS, ticks(port_of(v, row)->changed_us - v->boot_us));
        case V_IF_NAME: return put_ref(p, port->name);
        case V_IF_TRAP: return put_uint(p, T_INT, 1);
        case V_IF_HIGH_SPEED: return put_uint(p, T_G32, port->mbps);
        case V_IF_PROMISCUOUS: return put_uint(p, T_INT, 2);
        case V_IF_CONNECTOR: return put_uint(p, T_INT, port->physical ? 1 : 2);
        case V_IF_ALIAS: return put_ref(p, port->alias);
        case V_ZERO_TICKS: return put_uint(p, T_TICKS, 0);
        case V_ZERO_GAUGE: return put_uint(p, T_G32, 0);
        }
    }
    switch (code) {
    case V_SYS_DESCR: return put_ref(p, v->d->descr);
    case V_SYS_OBJECT_ID: return put_bytes(p, T_OID, blob + v->d->object_id.at, v->d->object_id.size);
    case V_SYS_UPTIME: return put_uint(p, T_TICKS, ticks(v->now_us - v->boot_us));
    case V_SYS_CONTACT: return put_ref(p, v->d->contact);
    case V_SYS_NAME: return put_ref(p, v->d->name);
    case V_SYS_LOCATION: return put_ref(p, v->d->location);
    case V_SYS_SERVICES: return put_uint(p, T_INT, v->d->services);
    case V_IF_NUMBER: return put_uint(p, T_INT, v->d->ports);
    case V_ADDRESS: { uint32_t a = htonl(im->base + 1 + v->number); return put_bytes(p, T_IP, &a, 4); }
    case V_ADDRESS_IF_INDEX: return put_uint(p, T_INT, if_index(v, v->d->management));
    case V_ADDRESS_MASK: return put_bytes(p, T_IP, "\xff\xff\xff\xff", 4);
    }
    if (code >= V_BASE_PORT_IF && code <= V_ROUTE_PROTO) return put_learned(p, c, v, row);
    if (c->table == TB_ENTITY) return put_entity(p, c, v, row);
    if (code >= V_LLDP_CHASSIS_TYPE && code <= V_LLDP_CAPABILITIES) return put_lldp(p, c, v, row);
    return put_host(p, c, v, row);
}

/* ---------------------------------------------------------------- BER in */

typedef struct { const uint8_t *p, *end; } cur;

/* Opens a TLV of `want` (or any type, when 0); returns its type or -1. */
static int take(cur *c, int want, cur *body) {
    if (c->end - c->p < 2) return -1;
    int t = *c->p++; uint32_t n = *c->p++;
    if (n & 0x80) {
        int k = n & 0x7f; n = 0;
        if (k < 1 || k > 4 || c->end - c->p < k) return -1;
        while (k--) n = n << 8 | *c->p++;
    }
    if (n > (size_t)(c->end - c->p) || (want && t != want)) return -1;
    body->p = c->p; body->end = c->p + n; c->p += n;
    return t;
}

static int take_int(cur *c, int64_t *v) {
    cur b;
    if (take(c, T_INT, &b) < 0 || b.p == b.end || b.end - b.p > 8) return -1;
    *v = (int8_t)*b.p++;
    while (b.p < b.end) *v = (int64_t)((uint64_t)*v << 8 | *b.p++);
    return 0;
}

/* An encoded OID as sub-ids; -1 when malformed. */
static int get_oid(cur b, uint32_t *sub) {
    int n = 0;
    while (b.p < b.end) {
        uint64_t v = 0; uint8_t x;
        do {
            if (b.p == b.end) return -1;
            x = *b.p++; v = v << 7 | (x & 0x7f);
            if (v > 0xffffffffu) return -1;
        } while (x & 0x80);
        if (n == 0) {
            sub[n++] = v < 80 ? v / 40 : 2;
            v -= sub[0] * 40;
        }
        if (n >= MAXSUB) return -1;
        sub[n++] = v;
    }
    return n;
}

/* ---------------------------------------------------------------- the agent */

static uint8_t *put_len2(uint8_t *p, uint8_t type, uint8_t **fix) {
    *p++ = type; *p++ = 0x82; *fix = p;
    return p + 2;
}

static void fix_len(uint8_t *fix, uint8_t *end) {
    size_t n = end - fix - 2;
    fix[0] = n >> 8; fix[1] = n;
}

static int is_wide(const image_column *c) { return c->value >= V_COUNTER && c->value < V_COUNTER_END && (c->value & 1); }

/* The OID of a place, encoded; returns its length, at most OIDMAX. */
static int place_oid(view *v, place at, uint8_t *out) {
    const image_column *c = &columns[at.col];
    uint32_t sub[MAXINDEX];
    int n = row_index(v, c->table, at.row, sub);
    memcpy(out, c->encoded, 32);
    uint8_t *p = out + c->encoded_length;
    for (int i = 0; i < n; i++) p = put_sub(p, sub[i]);
    return p - out;
}

static uint8_t *close_vb(uint8_t *s, uint8_t *p) {      /* content from s + 2 on; makes room when its length needs more than one byte */
    size_t n = p - s - 2;
    if (n < 128) { s[0] = T_SEQ; s[1] = n; return p; }
    int more = n < 256 ? 1 : 2;
    memmove(s + 2 + more, s + 2, n);
    put_head(s, T_SEQ, n);
    return p + more;
}

static uint8_t *put_vb(uint8_t *p, view *v, place at) {
    uint8_t *s = p;
    p += 2; *p++ = T_OID; uint8_t *len = p++;
    *len = place_oid(v, at, p); p += *len;
    return close_vb(s, put_value(p, &columns[at.col], v, at.row));
}

static uint8_t *put_exception(uint8_t *p, const uint8_t *oid, size_t n, uint8_t exception) {
    uint8_t *s = p;
    p = put_bytes(p + 2, T_OID, oid, n);
    *p++ = exception; *p++ = 0;
    return close_vb(s, p);
}

typedef struct { cur raw; place at; int exact, known; } asked;

/* Answers one request; returns the answer's length, 0 for none. */
static size_t answer(const uint8_t *in, size_t len, view *v, int max_size, uint8_t *out, unsigned long *variables) {
    cur m = { in, in + len }, msg, comm, pdu, rid, vbl, b, oid, val;
    int64_t ver, id, f1, f2;
    if (take(&m, T_SEQ, &msg) < 0 || take_int(&msg, &ver) || (ver != 0 && ver != 1) || take(&msg, T_STR, &comm) < 0) return 0;
    if (comm.end - comm.p > 255) return 0;
    if (opt.community && (strlen(opt.community) != (size_t)(comm.end - comm.p) || memcmp(opt.community, comm.p, comm.end - comm.p))) return 0;
    int type = take(&msg, 0, &pdu);
    if (type != P_GET && type != P_NEXT && type != P_SET && (type != P_BULK || ver == 0)) return 0;
    rid.p = pdu.p;
    if (take_int(&pdu, &id)) return 0;
    rid.end = pdu.p;
    if (take_int(&pdu, &f1) || take_int(&pdu, &f2) || take(&pdu, T_SEQ, &vbl) < 0) return 0;

    uint32_t sub[MAXSUB];
    asked q[MAXVB];
    int nvb = 0;
    for (cur c = vbl; c.p < c.end; nvb++) {
        if (nvb == MAXVB || take(&c, T_SEQ, &b) < 0 || take(&b, T_OID, &oid) < 0 || take(&b, 0, &val) < 0) return 0;
        int n = get_oid(oid, sub);
        if (n < 0) return 0;
        q[nvb].raw = oid;
        q[nvb].at = lower_bound(v, sub, n, &q[nvb].exact, &q[nvb].known);
    }

    uint8_t *p = out, *f_msg, *f_pdu, *f_vbl, *next;
    p = put_len2(p, T_SEQ, &f_msg);
    p = put_int(p, ver);
    p = put_bytes(p, T_STR, comm.p, comm.end - comm.p);
    p = put_len2(p, P_RESP, &f_pdu);
    memcpy(p, rid.p, rid.end - rid.p); p += rid.end - rid.p;
    uint8_t *err = p;
    *p++ = T_INT; *p++ = 1; *p++ = 0;
    *p++ = T_INT; *p++ = 1; *p++ = 0;
    p = put_len2(p, T_SEQ, &f_vbl);
    uint8_t *limit = out + max_size;
    unsigned long sent = 0;
    int status = 0, wrong = 0;

    if (type == P_SET) { status = ver ? E_NOTWRITABLE : E_READONLY; wrong = 1; }
    else if (type == P_GET || type == P_NEXT) {
        for (int i = 0; i < nvb && !status; i++) {
            place at = q[i].at;
            if (type == P_NEXT && q[i].exact) { at.row++; at = settle(v, at); }
            if (type == P_NEXT && !ver) while (at.col < n_columns && is_wide(&columns[at.col])) at = settle(v, (place){ at.col + 1, 0 });
            int there = at.col < n_columns && (type == P_NEXT || q[i].exact);
            if (!ver && (!there || is_wide(&columns[at.col]))) { status = E_NOSUCHNAME; wrong = i + 1; break; }
            if (there) next = put_vb(p, v, at);
            else next = put_exception(p, q[i].raw.p, q[i].raw.end - q[i].raw.p, type == P_NEXT ? T_ENDOFMIB : q[i].known ? T_NOSUCHINST : T_NOSUCHOBJ);
            if (next > limit) { status = E_TOOBIG; break; }
            p = next; sent++;
        }
    } else {
        int non = f1 < 0 ? 0 : f1 > nvb ? nvb : (int)f1, rep = f2 < 0 ? 0 : f2 > 65535 ? 65535 : (int)f2, full = 0;
        uint8_t last[OIDMAX]; int last_n = 0, last_of = -1;
        for (int i = 0; i < nvb; i++) if (q[i].exact) { q[i].at.row++; q[i].at = settle(v, q[i].at); }
        for (int r = 0; r < (rep > 0 ? rep : 1) && !full; r++) {
            int live = 0;
            for (int i = r ? non : 0; i < (rep ? nvb : non); i++) {
                place at = q[i].at;
                if (at.col < n_columns) {
                    next = put_vb(p, v, at);
                    if (next <= limit && i >= non) {
                        at.row++; q[i].at = settle(v, at); live = 1;
                        if (q[i].at.col == n_columns) { last_n = place_oid(v, (place){ at.col, at.row - 1 }, last); last_of = i; q[i].exact = 2; }
                    }
                } else {
                    /* Every run that ended did so at the same last place of the device. */
                    int ran = q[i].exact == 2 && last_of >= 0;
                    next = put_exception(p, ran ? last : q[i].raw.p, ran ? (size_t)last_n : (size_t)(q[i].raw.end - q[i].raw.p), T_ENDOFMIB);
                }
                if (next > limit) { full = 1; break; }
                p = next; sent++;
            }
            if (!live) break;                           /* RFC 3416 4.2.3: may stop early */
        }
        if (full && !sent && nvb) status = E_TOOBIG;
    }
    if (status) {
        p = put_int(put_int(err, status), wrong);
        p = put_len2(p, T_SEQ, &f_vbl);
        sent = 0;
        if (status != E_TOOBIG || !ver) {               /* the asker's own bindings go back */
            if ((size_t)(limit - p) < (size_t)(vbl.end - vbl.p)) return 0;
            memcpy(p, vbl.p, vbl.end - vbl.p); p += vbl.end - vbl.p;
        }
    }
    fix_len(f_vbl, p); fix_len(f_pdu, p); fix_len(f_msg, p);
    *variables += sent;
    return p - out;
}

/* ---------------------------------------------------------------- I/O */

typedef struct { struct sockaddr_in from; struct in_addr to; uint32_t device; uint16_t len; int64_t due; uint8_t data[]; } held;

typedef struct {
    int fd, n;
    struct mmsghdr hdr[BATCH]; struct iovec iov[BATCH];
    struct sockaddr_in to[BATCH];
    char ctl[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t (*buf)[OUTMAX + SLACK];
    unsigned long sent, variables, silent, lost, malformed;
} outq;

static void out_flush(outq *o) {
    for (int done = 0; done < o->n;) {
        int k = sendmmsg(o->fd, o->hdr + done, o->n - done, 0);
        if (k > 0) { done += k; o->sent += k; }
        else if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) { struct pollfd pf = { o->fd, POLLOUT, 0 }; poll(&pf, 1, 10); }
        else done++;                                    /* one bad peer must not stop the rest */
    }
    o->n = 0;
}

static void out_answer(outq *o, const uint8_t *in, size_t len, const struct sockaddr_in *from, struct in_addr me, uint32_t number, int64_t us) {
    const state_device *s = &st_devices[number];
    view v = { .d = &devices[number], .number = number, .now_us = us, .boot_us = s->boot_us, .shift_from = s->shift_from, .shift = s->shift, .row = -1 };
    int i = o->n, max_size = s->max_size >= 484 ? s->max_size : opt.max_size;
    size_t n = answer(in, len, &v, max_size, o->buf[i], &o->variables);
    if (!n) { o->malformed++; return; }
    o->to[i] = *from;
    o->iov[i] = (struct iovec){ o->buf[i], n };
    struct msghdr *h = &o->hdr[i].msg_hdr;
    *h = (struct msghdr){ .msg_name = &o->to[i], .msg_namelen = sizeof o->to[i], .msg_iov = &o->iov[i], .msg_iovlen = 1,
                          .msg_control = o->ctl[i], .msg_controllen = sizeof o->ctl[i] };
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    c->cmsg_level = IPPROTO_IP; c->cmsg_type = IP_PKTINFO; c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo pi = { .ipi_spec_dst = me };
    memcpy(CMSG_DATA(c), &pi, sizeof pi);
    if (++o->n == BATCH) out_flush(o);
}

/* A heap of held requests, the earliest first: devices differ in latency. */
static void heap_push(held **heap, int *n, held *h) {
    int i = (*n)++;
    while (i && heap[(i - 1) / 2]->due > h->due) { heap[i] = heap[(i - 1) / 2]; i = (i - 1) / 2; }
    heap[i] = h;
}

static held *heap_pop(held **heap, int *n) {
    held *top = heap[0], *last = heap[--*n];
    int i = 0;
    for (int k; (k = 2 * i + 1) < *n; i = k) {
        if (k + 1 < *n && heap[k + 1]->due < heap[k]->due) k++;
        if (heap[k]->due >= last->due) break;
        heap[i] = heap[k];
    }
    heap[i] = last;
    return top;
}

static int open_socket(int port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1, big = 64 << 20;
    if (fd < 0) { perror("farm: socket"); exit(1); }
    if (opt.threads > 1) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);       /* where the system allows it */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big)) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof big);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    if (bind(fd, (struct sockaddr *)&a, sizeof a)) { perror("farm: bind"); exit(1); }
    return fd;
}

static void count(atomic_ullong *where, unsigned long *n) {
    if (*n) atomic_fetch_add_explicit(where, *n, memory_order_relaxed);
    *n = 0;
}

static void publish(outq *o) {
    count(&st->sent, &o->sent); count(&st->variables, &o->variables); count(&st->silent, &o->silent);
    count(&st->lost, &o->lost); count(&st->malformed, &o->malformed);
}

static void receive(outq *o, struct mmsghdr *rx, int n, uint64_t *rng, held **heap, int *n_held) {
    int64_t us = now_us();
    for (int i = 0; i < n; i++) {
        struct in_addr me = { 0 };
        const struct sockaddr_in *from = rx[i].msg_hdr.msg_name;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&rx[i].msg_hdr); c; c = CMSG_NXTHDR(&rx[i].msg_hdr, c))
            if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                struct in_pktinfo pi; memcpy(&pi, CMSG_DATA(c), sizeof pi); me = pi.ipi_addr;
            }
        uint32_t d = ntohl(me.s_addr) - im->base - 1;
        if (d >= im->n_devices || !st_devices[d].alive || st_devices[d].boot_us > us) { o->silent++; continue; }
        if (st_devices[d].loss_ppm && (*rng = mix(*rng)) % 1000000 < st_devices[d].loss_ppm) { o->lost++; continue; }
        const uint8_t *data = rx[i].msg_hdr.msg_iov->iov_base;
        uint32_t latency = st_devices[d].latency_us;
        if (!latency) { out_answer(o, data, rx[i].msg_len, from, me, d, us); continue; }
        held *h = *n_held < HELDMAX ? malloc(sizeof *h + rx[i].msg_len) : NULL;
        if (!h) { o->lost++; continue; }
        *h = (held){ *from, me, d, rx[i].msg_len, us + latency };
        memcpy(h->data, data, rx[i].msg_len);
        heap_push(heap, n_held, h);
    }
}

static void *worker(void *arg) {
    int fd = *(int *)arg, n_held = 0;
    struct mmsghdr rx[BATCH]; struct iovec iov[BATCH]; struct sockaddr_in from[BATCH];
    char ctl[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t (*buf)[RXMAX] = malloc(BATCH * sizeof *buf);
    outq *o = calloc(1, sizeof *o);
    held **heap = malloc(HELDMAX * sizeof *heap);
    if (!buf || !o || !heap || !(o->buf = malloc(BATCH * sizeof *o->buf))) { fprintf(stderr, "farm: no memory\n"); exit(1); }
    o->fd = fd;
    uint64_t rng = mix(opt.seed ^ (uint64_t)fd << 32);
    memset(rx, 0, sizeof rx);
    for (int i = 0; i < BATCH; i++) {
        iov[i] = (struct iovec){ buf[i], RXMAX };
        rx[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = ctl[i] };
    }
    while (!atomic_load_explicit(&stop_flag, memory_order_relaxed)) {
        int wait_ms = 200;
        while (n_held) {
            int64_t us = now_us();
            if (heap[0]->due > us && !st->frozen_us) { int64_t left = (heap[0]->due - us) / 1000; if (left < wait_ms) wait_ms = (int)left; break; }
            held *h = heap_pop(heap, &n_held);
            out_answer(o, h->data, h->len, &h->from, h->to, h->device, us);
            free(h);
        }
        out_flush(o);
        publish(o);
        struct pollfd pf = { fd, POLLIN, 0 };
        if (poll(&pf, 1, wait_ms) <= 0) continue;
        for (int i = 0; i < BATCH; i++) { rx[i].msg_hdr.msg_namelen = sizeof from[i]; rx[i].msg_hdr.msg_controllen = sizeof ctl[i]; }
        int n = recvmmsg(fd, rx, BATCH, MSG_DONTWAIT, NULL);
        if (n <= 0) continue;
        unsigned long received = n;
        count(&st->received, &received);
        receive(o, rx, n, &rng, heap, &n_held);
        publish(o);                                     /* before the answers: who has one finds it counted */
        out_flush(o);
    }
    return NULL;
}

static void on_signal(int s) { (void)s; atomic_store(&stop_flag, 1); }

static void *map(const char *path, int writable, size_t *size) {
    struct stat s;
    int fd = path ? open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &s)) { fprintf(stderr, "farm: cannot open %s\n", path ? path : "a file that was not named"); exit(1); }
    void *at = mmap(NULL, *size = s.st_size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) { perror("farm: mmap"); exit(1); }
    close(fd);
    return at;
}

static void load(void) {
    size_t n, m;
    const char *base = map(opt.image, 0, &n);
    im = (const image_head *)base;
    st = map(opt.state, 1, &m);
    if (n < sizeof *im || memcmp(im->magic, "YWIMAGE1", 8) || im->slots != 5400 || im->at_blob + im->n_blob > n ||
        m < sizeof *st || memcmp(st->magic, "YWSTATE1", 8) || st->devices != im->n_devices || st->ports != im->n_ports ||
        sizeof *st + st->devices * sizeof *st_devices + st->ports * sizeof *st_ports > m) {
        fprintf(stderr, "farm: image and state do not fit\n"); exit(1);
    }
    devices = (const void *)(base + im->at_devices); ports = (const void *)(base + im->at_ports);
    entities = (const void *)(base + im->at_entities); neighbours = (const void *)(base + im->at_neighbours);
    storages = (const void *)(base + im->at_storage); learned = (const void *)(base + im->at_learned); columns = (const void *)(base + im->at_columns);
    patterns = (const void *)(base + im->at_patterns); blob = base + im->at_blob;
    n_columns = im->n_columns;
    st_devices = (state_device *)(st + 1); st_ports = (state_port *)(st_devices + st->devices);
}

static int number(const char *name, const char *v, long low, long high) {
    char *e; long x = v ? strtol(v, &e, 10) : 0;
    if (!v || *e || x < low || x > high) { fprintf(stderr, "farm: bad value for %s\n", name); exit(2); }
    return (int)x;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i += 2) {
        const char *k = argv[i], *v = argv[i + 1];
        if (!strcmp(k, "--port")) opt.port = number(k, v, 0, 65535);
        else if (!strcmp(k, "--max-size")) opt.max_size = number(k, v, 484, OUTMAX);
        else if (!strcmp(k, "--threads")) opt.threads = number(k, v, 1, 64);
        else if (!strcmp(k, "--seed")) opt.seed = number(k, v, 0, 1 << 30);
        else if (!strcmp(k, "--community") && v) opt.community = v;
        else if (!strcmp(k, "--image") && v) opt.image = v;
        else if (!strcmp(k, "--state") && v) opt.state = v;
        else { fprintf(stderr, "farm: unknown or incomplete option %s\n", k); return 2; }
    }
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 0;
    load();
    struct sigaction sa = { .sa_handler = on_signal };
    sigaction(SIGTERM, &sa, NULL); sigaction(SIGINT, &sa, NULL);
    pthread_t th[64]; int fds[64];
    struct sockaddr_in me; socklen_t len = sizeof me;
    for (int i = 0; i < opt.threads; i++) {
        fds[i] = open_socket(opt.port);
        if (!i && !getsockname(fds[0], (struct sockaddr *)&me, &len)) opt.port = ntohs(me.sin_port);
    }
    for (int i = 0; i < opt.threads; i++)
        if (pthread_create(&th[i], NULL, worker, &fds[i])) { fprintf(stderr, "farm: no thread\n"); return 1; }
    printf("ready %d\n", opt.port);
    fflush(stdout);
    for (int i = 0; i < opt.threads; i++) pthread_join(th[i], NULL);
    return 0;
}
