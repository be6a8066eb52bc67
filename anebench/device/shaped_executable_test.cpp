// Which executables are made for which shapes, counted: those here come from the reference.
#include "anebench/device/shaped_executable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/device/basic_request.h"
#include "anebench/device/interpreted_executable.h"
#include "anebench/mil/text_parser.h"

namespace anebench::device {
namespace {

using mil::DataType;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

mil::Type vector_of(std::int64_t size) { return mil::Type::tensor(DataType::fp32, {size}); }

class ShapedExecutableTest : public testing::Test {
 protected:
  void SetUp() override {
    auto program = mil::parse_text(R"(program(1.3) {
      func other<ios17>(fp32 x) { fp32 y = relu(x = x); } -> (y);
      func main<ios17>(tensor<fp32, [?]> x) { tensor<fp32, [?]> y = relu(x = x); } -> (y);
    })");
    ASSERT_TRUE(program) << program.error().to_string();
    auto any = compile_interpreted(*program, nullptr, {}, clock_, pool_, "any shapes");
    ASSERT_TRUE(any) << any.error().to_string();
    executable_ =
        make_shaped({.program = *program,
                     .options = {},
                     .any_shapes = std::move(*any),
                     .compile = [this](const mil::Program& known,
                                       const auto& weights) { return compile(known, weights); }},
                    nullptr);
    ASSERT_TRUE(executable_->load());
    request_ = *executable_->create_request();
  }

  Result<std::unique_ptr<Executable>> compile(
      const mil::Program& known, const std::shared_ptr<weights::WeightFiles>& weights) {
    EXPECT_EQ(known.functions().size(), 1u);
    made_for_.push_back(known.main()->inputs[0].type.shape()[0].size());
    if (made_for_.back() == kRefused) return fail(ErrorCode::unsupported, "no such shapes");
    return compile_interpreted(known, weights, {}, clock_, pool_, "");
  }

  void evaluate(std::int64_t size) { evaluate(*request_, size); }
  void evaluate(Request& request, std::int64_t size) {
    const auto x = create_memory_surface(vector_of(size), 1 << 20);
    ASSERT_TRUE(x);
    ASSERT_TRUE(request.bind_input(0, *x));
    const auto done = executable_->evaluate(request);
    ASSERT_TRUE(done) << done.error().to_string();
    const auto y = request.output_value(0);
    ASSERT_TRUE(y) << y.error().to_string();
    EXPECT_EQ(y->type(), vector_of(size));
  }

  static constexpr std::int64_t kRefused = 7;
  SteadyClock clock_;
  ThreadPool pool_{1};
  // The sizes of x that an executable was asked for.
  std::vector<std::int64_t> made_for_;
  std::unique_ptr<Executable> executable_;
  std::unique_ptr<Request> request_;
};

TEST_F(ShapedExecutableTest, ShapesThatCameBeforeMakeNoOther) {
  EXPECT_THAT(made_for_, ElementsAre());
  evaluate(3);
  evaluate(3);
  evaluate(5);
  evaluate(3);
  EXPECT_THAT(made_for_, ElementsAre(3, 5));
  const auto other = executable_->create_request();
  ASSERT_TRUE(other);
  evaluate(**other, 5);
  EXPECT_THAT(made_for_, ElementsAre(3, 5));
}

TEST_F(ShapedExecutableTest, TheLeastRecentlyUsedGoes) {
  static_assert(kMostShapedExecutables == 4);
  for (const std::int64_t size : {1, 2, 3, 4, 1}) evaluate(size);
  evaluate(5);  // 2 goes
  for (const std::int64_t size : {1, 3, 4, 5}) evaluate(size);
  EXPECT_THAT(made_for_, ElementsAre(1, 2, 3, 4, 5));
  evaluate(2);
  EXPECT_THAT(made_for_, ElementsAre(1, 2, 3, 4, 5, 2));
}

TEST_F(ShapedExecutableTest, ARequestOutlivesTheExecutableOfItsShapes) {
  const auto other = executable_->create_request();
  ASSERT_TRUE(other);
  evaluate(**other, 1);
  for (const std::int64_t size : {2, 3, 4, 5}) evaluate(size);
  evaluate(**other, 1);
  EXPECT_THAT(made_for_, ElementsAre(1, 2, 3, 4, 5, 1));
}

TEST_F(ShapedExecutableTest, WhereNoneCanBeMadeAnyShapesRunAndTheStepsSayWhy) {
  EXPECT_THAT(executable_->steps(), Each(Field(&Step::fallback_reason, "any shapes")));
  EXPECT_FALSE(executable_->is_bit_exact()) << "nothing is known yet";
  evaluate(3);
  EXPECT_THAT(executable_->steps(), Each(Field(&Step::fallback_reason, "")));
  EXPECT_TRUE(executable_->is_bit_exact());
  evaluate(kRefused);
  EXPECT_THAT(executable_->steps(), Each(Field(&Step::fallback_reason, "no such shapes")));
  evaluate(kRefused);
  EXPECT_THAT(made_for_, ElementsAre(3, kRefused)) << "it was asked once";
  evaluate(3);
  EXPECT_THAT(executable_->steps(), Each(Field(&Step::fallback_reason, "")));
}

TEST_F(ShapedExecutableTest, LoadingForgetsWhatWasMade) {
  evaluate(3);
  ASSERT_TRUE(executable_->unload());
  EXPECT_FALSE(executable_->is_loaded());
  EXPECT_EQ(executable_->resident_bytes(), 0u);
  EXPECT_FALSE(executable_->evaluate(*request_));
  EXPECT_FALSE(executable_->unload());
  ASSERT_TRUE(executable_->load());
  EXPECT_FALSE(executable_->load());
  EXPECT_THAT(executable_->steps(), Each(Field(&Step::fallback_reason, "any shapes")));
  evaluate(3);
  EXPECT_THAT(made_for_, ElementsAre(3, 3));
}

TEST_F(ShapedExecutableTest, InputsMustBeBound) {
  const auto unbound = executable_->evaluate(*request_);
  ASSERT_FALSE(unbound);
  EXPECT_THAT(unbound.error().to_string(), HasSubstr("'x'"));
  EXPECT_THAT(made_for_, ElementsAre());
}

}  // namespace
}  // namespace anebench::device
