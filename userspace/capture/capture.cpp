// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "capture/capture.h"

#include <pcap/pcap.h>

#include <memory>

#include <fmt/format.h>

namespace dhcp46 {

namespace {

constexpr int longest = 262144; // octets of a packet, as tcpdump has it

struct Close {
    void operator()(pcap_t *capture) const { pcap_close(capture); }
    void operator()(pcap_dumper_t *dumper) const { pcap_dump_close(dumper); }
};
using Capture = std::unique_ptr<pcap_t, Close>;
using Dumper = std::unique_ptr<pcap_dumper_t, Close>;

Error capture_error(const std::string &path, const char *why) {
    // libpcap says the path itself where a file cannot be opened.
    std::string text = why;
    if (text.starts_with(path + ": "))
        text.erase(0, path.size() + 2);
    return {Exit::runtime, path, text, "give a capture as `tcpdump -w FILE` makes it"};
}

Result<Capture> open_capture(const std::string &path) {
    char why[PCAP_ERRBUF_SIZE] = "";
    Capture capture(
        pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, why));
    if (!capture)
        return capture_error(path, why);
    if (pcap_datalink(capture.get()) != DLT_EN10MB)
        return Error{Exit::runtime, path, "its packets are no Ethernet frames",
                     "capture them on the device itself, not on `any`"};
    return capture;
}

Result<Captured> packet_of(const std::string &path, std::size_t number, const pcap_pkthdr &header,
                           const u_char *bytes) {
    if (header.caplen < header.len)
        return Error{
            Exit::runtime, fmt::format("{}: packet {}", path, number),
            fmt::format("only {} of its {} octets were captured", header.caplen, header.len),
            "capture whole packets: `tcpdump -s 0`"};
    return Captured{header.ts.tv_sec, header.ts.tv_usec, {bytes, bytes + header.caplen}};
}

} // namespace

Result<std::vector<Captured>> read_capture(const std::string &path) {
    const auto capture = open_capture(path);
    if (!capture)
        return capture.error();
    std::vector<Captured> packets;
    for (;;) {
        pcap_pkthdr *header = nullptr;
        const u_char *bytes = nullptr;
        const int result = pcap_next_ex(capture->get(), &header, &bytes);
        if (result == PCAP_ERROR_BREAK) // the end
            return packets;
        if (result != 1)
            return capture_error(path, pcap_geterr(capture->get()));
        auto packet = packet_of(path, packets.size() + 1, *header, bytes);
        if (!packet)
            return packet.error();
        packets.push_back(*std::move(packet));
    }
}

Status write_capture(const std::string &path, const std::vector<Captured> &packets) {
    const Capture capture(
        pcap_open_dead_with_tstamp_precision(DLT_EN10MB, longest, PCAP_TSTAMP_PRECISION_NANO));
    const Dumper dumper(pcap_dump_open(capture.get(), path.c_str()));
    if (!dumper)
        return capture_error(path, pcap_geterr(capture.get()));
    for (const Captured &packet : packets) {
        pcap_pkthdr header = {};
        header.ts.tv_sec = packet.seconds;
        header.ts.tv_usec = packet.nanoseconds;
        header.caplen = header.len = static_cast<bpf_u_int32>(packet.bytes.size());
        pcap_dump(reinterpret_cast<u_char *>(dumper.get()), &header, packet.bytes.data());
    }
    if (pcap_dump_flush(dumper.get()) != 0)
        return capture_error(path, "it could not be written");
    return {};
}

} // namespace dhcp46
