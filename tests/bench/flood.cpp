// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// bench_flood: the parts of a flood over veth, each in its own namespace.
//
//   bench_flood generate DEVICE FRAME COUNT   sends COUNT times FRAME (in hexadecimal) out of
//                                             DEVICE, as fast as the kernel can; says how long
//   bench_flood forward FROM TO               redirects all that FROM receives out of TO
//   bench_flood sink DEVICE                   counts and drops all that DEVICE receives; says
//                                             how much for each line of standard input
//
// `forward` and `sink` say "ready" and stay until their standard input ends.
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <iostream>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include "bench_probes.skel.h"
#include "probes.h"
#include "probing.h"

namespace dhcp46::bench {

static void generate(const std::string &device, const std::string &hex, int count) {
    const Probes probes = load_probes();
    const auto frame = from_hex(hex);
    xdp_md context{};
    bpf_test_run_opts options{};
    options.sz = sizeof(options);

    if (frame.size() > BENCH_PATTERN_SIZE)
        throw std::invalid_argument("the frame is too long");
    std::memcpy(probes->bss->pattern, frame.data(), frame.size());
    context.data_end = static_cast<__u32>(frame.size());
    context.ingress_ifindex = index_of(device);
    options.data_in = frame.data();
    options.data_size_in = context.data_end;
    options.ctx_in = &context;
    options.ctx_size_in = sizeof(context);
    options.repeat = count;
    options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    options.batch_size = 64;

    const auto begin = std::chrono::steady_clock::now();
    if (bpf_prog_test_run_opts(bpf_program__fd(probes->progs.xdp_generate), &options) != 0)
        fail("send live frames", errno);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    fmt::print("{}\n", taken.count());
}

// A program on a device, for as long as this lives.
class Attachment {
  public:
    Attachment(bpf_program *program, const std::string &device)
        : link_(bpf_program__attach_xdp(program, static_cast<int>(index_of(device)))) {
        if (!link_)
            fail(fmt::format("attach to {}", device), errno);
    }
    ~Attachment() { bpf_link__destroy(link_); }
    Attachment(const Attachment &) = delete;
    Attachment &operator=(const Attachment &) = delete;

  private:
    bpf_link *link_;
};

static void forward(const std::string &from, const std::string &to) {
    const Probes probes = load_probes();
    const unsigned key = 0;
    const unsigned out = index_of(to);
    std::string line;

    if (bpf_map_update_elem(bpf_map__fd(probes->maps.way), &key, &out, BPF_ANY) != 0)
        fail(fmt::format("redirect to {}", to), errno);
    const Attachment attachment(probes->progs.xdp_forward, from);
    std::cout << "ready" << std::endl;
    while (std::getline(std::cin, line)) {}
}

static void sink(const std::string &device) {
    const Probes probes = load_probes();
    const Attachment attachment(probes->progs.xdp_sink, device);
    std::vector<std::uint64_t> counts(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    const unsigned key = 0;
    std::string line;

    std::cout << "ready" << std::endl;
    while (std::getline(std::cin, line)) {
        if (bpf_map_lookup_elem(bpf_map__fd(probes->maps.arrived), &key, counts.data()) != 0)
            fail("read the count", errno);
        std::cout << std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) << std::endl;
    }
}

static void run(std::span<char *> arguments) {
    const std::vector<std::string> words(arguments.begin(), arguments.end());

    if (words.size() == 4 && words[0] == "generate")
        generate(words[1], words[2], std::stoi(words[3]));
    else if (words.size() == 3 && words[0] == "forward")
        forward(words[1], words[2]);
    else if (words.size() == 2 && words[0] == "sink")
        sink(words[1]);
    else
        throw std::invalid_argument("generate DEVICE FRAME COUNT | forward FROM TO | sink DEVICE");
}

} // namespace dhcp46::bench

int main(int argc, char **argv) {
    try {
        dhcp46::bench::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
        return 0;
    } catch (const std::exception &error) {
        fmt::print(stderr, "bench_flood: {}\n", error.what());
        return 1;
    }
}
