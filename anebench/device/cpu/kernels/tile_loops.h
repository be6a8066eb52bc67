// The loops of tiles.h, to be compiled once per instruction set. For kernel files only: internal
// linkage. `Halves` gives conversions of one row of kLanes fp16 numbers:
//   static void widen(const std::uint16_t* in, float* out);
//   static void narrow(const float* in, std::uint16_t* out);   // one rounding
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "anebench/device/cpu/kernels/epilogue.h"
#include "anebench/device/cpu/kernels/tile_functions.h"

namespace anebench::kernels {
namespace {

// Where the positions of one tile lie in an NCHW tensor.
class TilePlace {
 public:
  TilePlace(const TileJob& job, std::size_t tile) : job_(job), first_(tile * kLanes) {
    const std::size_t left = job.images * job.plane - first_;
    valid_ = left < kLanes ? left : kLanes;
    image_ = first_ / job.plane;
    pixel_ = first_ % job.plane;
    whole_ = valid_ == kLanes && job.plane - pixel_ >= kLanes;
  }

  // The tile's kLanes elements of channel c: in place, or gathered into `buffer` and padded.
  template <typename T>
  const T* read(const T* nchw, std::size_t c, T* buffer) const {
    if (whole_) return nchw + (image_ * job_.channels + c) * job_.plane + pixel_;
    for (std::size_t p = 0; p < kLanes; ++p) buffer[p] = 0;
    for_each_stretch([&](std::size_t image, std::size_t pixel, std::size_t at, std::size_t count) {
      std::memcpy(buffer + at, nchw + (image * job_.channels + c) * job_.plane + pixel,
                  count * sizeof(T));
    });
    return buffer;
  }

  // Where to put kLanes elements of channel c: in place or into `buffer`, to be followed by
  // wrote().
  template <typename T>
  T* write_to(T* nchw, std::size_t c, T* buffer) const {
    return whole_ ? nchw + (image_ * job_.channels + c) * job_.plane + pixel_ : buffer;
  }
  template <typename T>
  void wrote(T* nchw, std::size_t c, const T* buffer) const {
    if (whole_) return;
    for_each_stretch([&](std::size_t image, std::size_t pixel, std::size_t at, std::size_t count) {
      std::memcpy(nchw + (image * job_.channels + c) * job_.plane + pixel, buffer + at,
                  count * sizeof(T));
    });
  }

 private:
  template <typename Body>
  void for_each_stretch(const Body& body) const {
    std::size_t image = image_;
    std::size_t pixel = pixel_;
    for (std::size_t at = 0; at < valid_;) {
      const std::size_t room = job_.plane - pixel;
      const std::size_t count = valid_ - at < room ? valid_ - at : room;
      body(image, pixel, at, count);
      at += count;
      ++image;
      pixel = 0;
    }
  }

  const TileJob& job_;
  std::size_t first_;
  std::size_t valid_;
  std::size_t image_;
  std::size_t pixel_;
  bool whole_;
};

template <typename Halves>
struct TileLoops {
  static void f16_from_nchw(const TileJob& job, const void* nchw, void* tiles) {
    auto* out = static_cast<std::uint16_t*>(tiles);
    std::uint16_t buffer[kLanes];
    for (std::size_t t = 0; t < job.count; ++t) {
      const TilePlace place(job, job.first + t);
      for (std::size_t c = 0; c < job.channels; ++c, out += kLanes) {
        const std::uint16_t* in = place.read(static_cast<const std::uint16_t*>(nchw), c, buffer);
        std::memcpy(out, in, kLanes * sizeof *out);
      }
    }
  }

  static void nchw_from_f16(const TileJob& job, const void* tiles, void* nchw) {
    const auto* in = static_cast<const std::uint16_t*>(tiles);
    auto* out = static_cast<std::uint16_t*>(nchw);
    std::uint16_t buffer[kLanes];
    for (std::size_t t = 0; t < job.count; ++t) {
      const TilePlace place(job, job.first + t);
      for (std::size_t c = 0; c < job.channels; ++c, in += kLanes) {
        std::memcpy(place.write_to(out, c, buffer), in, kLanes * sizeof *in);
        place.wrote(out, c, buffer);
      }
    }
  }

  static void u8_from_nchw(const TileJob& job, const void* nchw, void* tiles) {
    auto* out = static_cast<std::uint8_t*>(tiles);
    const auto flip = static_cast<std::uint8_t>(job.is_signed ? 128 : 0);
    for_each_group(job, [&](const TilePlace& place, std::size_t c, std::size_t count) {
      std::uint8_t rows[4][kLanes] = {};
      for (std::size_t i = 0; i < count; ++i) {
        std::uint8_t buffer[kLanes];
        const std::uint8_t* in = place.read(static_cast<const std::uint8_t*>(nchw), c + i, buffer);
        for (std::size_t p = 0; p < kLanes; ++p) rows[i][p] = in[p] ^ flip;
      }
      interleave(rows, out);
      out += 4 * kLanes;
    });
  }

  static void nchw_from_u8(const TileJob& job, const void* tiles, void* nchw) {
    const auto* in = static_cast<const std::uint8_t*>(tiles);
    auto* out = static_cast<std::uint8_t*>(nchw);
    const auto flip = static_cast<std::uint8_t>(job.is_signed ? 128 : 0);
    for_each_group(job, [&](const TilePlace& place, std::size_t c, std::size_t count) {
      std::uint8_t rows[4][kLanes];
      deinterleave(in, rows);
      in += 4 * kLanes;
      for (std::size_t i = 0; i < count; ++i) {
        std::uint8_t buffer[kLanes];
        std::uint8_t* to = place.write_to(out, c + i, buffer);
        for (std::size_t p = 0; p < kLanes; ++p) to[p] = rows[i][p] ^ flip;
        place.wrote(out, c + i, buffer);
      }
    });
  }

  static void quantized_from_nchw(const TileJob& job, const void* nchw, void* tiles) {
    auto* out = static_cast<std::uint8_t*>(tiles);
    const Requantization to = requantization(job.scale, job.zero_point, job.is_signed);
    for_each_group(job, [&](const TilePlace& place, std::size_t c, std::size_t count) {
      std::uint8_t rows[4][kLanes] = {};
      for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t buffer[kLanes];
        float x[kLanes];
        Halves::widen(place.read(static_cast<const std::uint16_t*>(nchw), c + i, buffer), x);
        quantize_row(x, job.scale, to, rows[i]);
      }
      interleave(rows, out);
      out += 4 * kLanes;
    });
  }

  static void nchw_from_quantized(const TileJob& job, const void* tiles, void* nchw) {
    const auto* in = static_cast<const std::uint8_t*>(tiles);
    auto* out = static_cast<std::uint16_t*>(nchw);
    const std::int32_t zero = job.zero_point + (job.is_signed ? 128 : 0);
    const float scale = job.scale;
    for_each_group(job, [&](const TilePlace& place, std::size_t c, std::size_t count) {
      std::uint8_t rows[4][kLanes];
      deinterleave(in, rows);
      in += 4 * kLanes;
      for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t buffer[kLanes];
        float x[kLanes];
        // Exact: at most 9 bits times the 11 of an fp16 scale.
        for (std::size_t p = 0; p < kLanes; ++p) {
          x[p] = scale * static_cast<float>(rows[i][p] - zero);
        }
        Halves::narrow(x, place.write_to(out, c + i, buffer));
        place.wrote(out, c + i, buffer);
      }
    });
  }

 private:
  template <typename Body>
  static void for_each_group(const TileJob& job, const Body& body) {
    for (std::size_t t = 0; t < job.count; ++t) {
      const TilePlace place(job, job.first + t);
      for (std::size_t c = 0; c < job.channels; c += 4) {
        body(place, c, job.channels - c < 4 ? job.channels - c : std::size_t{4});
      }
    }
  }

  static void interleave(const std::uint8_t (&rows)[4][kLanes], std::uint8_t* out) {
    std::uint32_t words[kLanes];
    for (std::size_t p = 0; p < kLanes; ++p) {
      words[p] = static_cast<std::uint32_t>(rows[0][p]) |
                 static_cast<std::uint32_t>(rows[1][p]) << 8 |
                 static_cast<std::uint32_t>(rows[2][p]) << 16 |
                 static_cast<std::uint32_t>(rows[3][p]) << 24;
    }
    std::memcpy(out, words, sizeof words);
  }

  static void deinterleave(const std::uint8_t* in, std::uint8_t (&rows)[4][kLanes]) {
    std::uint32_t words[kLanes];
    std::memcpy(words, in, sizeof words);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t p = 0; p < kLanes; ++p) {
        rows[i][p] = static_cast<std::uint8_t>(words[p] >> (8 * i));
      }
    }
  }

  // A float division and one rounding to fp16 is exactly fp16(x / scale) for fp16 operands.
  static void quantize_row(const float* x, float scale, const Requantization& to,
                           std::uint8_t* out) {
    float t[kLanes];
    std::uint16_t halves[kLanes];
    for (std::size_t p = 0; p < kLanes; ++p) t[p] = x[p] / scale;
    Halves::narrow(t, halves);
    Halves::widen(halves, t);
    std::int32_t q[kLanes];
    for (std::size_t p = 0; p < kLanes; ++p) {
      const bool is_number = t[p] == t[p];
      float v = is_number ? t[p] : 0.0F;
      v = v > 1024.0F ? 1024.0F : v;
      v = v < -1024.0F ? -1024.0F : v;
      const float nearest = (v + 0x1.8p23F) - 0x1.8p23F;
      std::int32_t value = static_cast<std::int32_t>(nearest) + to.zero_point;
      value = value < to.lowest ? to.lowest : value;
      value = value > to.highest ? to.highest : value;
      q[p] = (is_number ? value : 0) + to.offset;
    }
    for (std::size_t p = 0; p < kLanes; ++p) out[p] = static_cast<std::uint8_t>(q[p]);
  }
};

}  // namespace

#define ANEBENCH_DEFINE_TILE_FUNCTIONS(name, halves)                              \
  const TileFunctions name = {                                                    \
      &TileLoops<halves>::f16_from_nchw,       &TileLoops<halves>::nchw_from_f16, \
      &TileLoops<halves>::u8_from_nchw,        &TileLoops<halves>::nchw_from_u8,  \
      &TileLoops<halves>::quantized_from_nchw, &TileLoops<halves>::nchw_from_quantized}

}  // namespace anebench::kernels
