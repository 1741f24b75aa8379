// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// bench_flood: the parts of a flood over veth, each in its own namespace.
//
//   bench_flood generate DEVICE FRAME COUNT   sends COUNT times FRAME (in hexadecimal) out of
//                                             DEVICE, as fast as the kernel can; says how long
//   bench_flood forward FROM TO               redirects all that FROM receives out of TO
//   bench_flood sink DEVICE                   counts and drops all that DEVICE receives; says
//                                             how much for each line of standard input
//
//   bench_flood offer DEVICE FRAME COUNT RATE the same, each of these requests of a DHCPv4 client
//   with
//                                             a number of its own as xid, and so many in a second
//   bench_flood tally DEVICE                  as sink, of such requests as a CRA relays them; says
//                                             how many numbers came, and how many frames
//
// `tally`, `forward` and `sink` say "ready" and stay until their standard input ends.
#include <algorithm>
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

// Sends one frame many times over.
class Sender {
  public:
    Sender(const std::string &device, const std::string &hex) : frame_(from_hex(hex)) {
        if (frame_.size() > BENCH_PATTERN_SIZE)
            throw std::invalid_argument("the frame is too long");
        std::memcpy(probes_->bss->pattern, frame_.data(), frame_.size());
        context_.data_end = static_cast<__u32>(frame_.size());
        context_.ingress_ifindex = index_of(device);
    }

    // Those that numbered() sends, in a second.
    void set_rate(unsigned rate) const { probes_->bss->period = 1'000'000'000 / rate; }

    // From the first to the last of them, without the time that the kernel takes to begin.
    double seconds() const {
        return static_cast<double>(probes_->bss->latest - probes_->bss->began) / 1e9;
    }

    // All of them different from each other.
    int numbered() const { return bpf_program__fd(probes_->progs.xdp_offer); }
    int alike() const { return bpf_program__fd(probes_->progs.xdp_generate); }

    void send(int program, int count) const {
        xdp_md context = context_;
        bpf_test_run_opts options{};
        options.sz = sizeof(options);
        options.data_in = frame_.data();
        options.data_size_in = context.data_end;
        options.ctx_in = &context;
        options.ctx_size_in = sizeof(context);
        options.repeat = count;
        options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
        options.batch_size = 64;
        if (bpf_prog_test_run_opts(program, &options) != 0)
            fail("send live frames", errno);
    }

  private:
    Probes probes_ = load_probes();
    std::vector<std::uint8_t> frame_;
    xdp_md context_{};
};

static void generate(const std::string &device, const std::string &hex, int count) {
    const Sender sender(device, hex);
    const auto begin = std::chrono::steady_clock::now();
    sender.send(sender.alike(), count);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    fmt::print("{}\n", taken.count());
}

static void offer(const std::string &device, const std::string &hex, int count, unsigned rate) {
    const Sender sender(device, hex);

    if (count > BENCH_NUMBERS || rate == 0)
        throw std::invalid_argument("there are not so many numbers, or no rate");
    sender.set_rate(rate);
    sender.send(sender.numbered(), count);
    fmt::print("{}\n", sender.seconds());
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

static void tally(const std::string &device) {
    const Probes probes = load_probes();
    const Attachment attachment(probes->progs.xdp_tally, device);
    const std::span numbers(probes->bss->tally);
    std::string line;

    std::cout << "ready" << std::endl;
    while (std::getline(std::cin, line)) {
        const auto missed = std::count(numbers.begin(), numbers.end(), 0);
        const auto frames = std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
        std::cout << std::ssize(numbers) - missed << ' ' << frames << std::endl;
    }
}

static void run(std::span<char *> arguments) {
    const std::vector<std::string> words(arguments.begin(), arguments.end());

    if (words.size() == 4 && words[0] == "generate")
        generate(words[1], words[2], std::stoi(words[3]));
    else if (words.size() == 5 && words[0] == "offer")
        offer(words[1], words[2], std::stoi(words[3]), static_cast<unsigned>(std::stoul(words[4])));
    else if (words.size() == 2 && words[0] == "tally")
        tally(words[1]);
    else if (words.size() == 3 && words[0] == "forward")
        forward(words[1], words[2]);
    else if (words.size() == 2 && words[0] == "sink")
        sink(words[1]);
    else
        throw std::invalid_argument("generate DEVICE FRAME COUNT | offer DEVICE FRAME COUNT RATE | "
                                    "forward FROM TO | sink DEVICE | tally DEVICE");
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
