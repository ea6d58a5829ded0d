using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Observers;

public class ObserverTests
{
    private static readonly Gen<float> Finite = Gen.Float.Where(float.IsFinite);

    private static readonly Gen<float> Any = Gen.OneOf(
        Finite, Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity));

    [Fact]
    public void The_range_is_that_of_all_values_however_they_are_split_into_batches() =>
        Gen.Select(Any.Array[1, 200], Gen.Int[1, 50]).Sample((values, batchSize) =>
        {
            var observer = new MinMaxObserver();
            foreach (var batch in values.Chunk(batchSize)) observer.Observe(batch, Shape.Of(batch.Length));
            var finite = values.Where(float.IsFinite).ToArray();
            Assert.Equal(finite.Length > 0, observer.HasObserved);
            Assert.Equal(finite.Length > 0 ? [finite.Min()] : [], observer.Mins);
            Assert.Equal(finite.Length > 0 ? [finite.Max()] : [], observer.Maxs);
            Assert.Equal(values.Count(float.IsNaN), observer.NaNCount);
            Assert.Equal(values.Count(float.IsPositiveInfinity), observer.PositiveInfinityCount);
            Assert.Equal(values.Count(float.IsNegativeInfinity), observer.NegativeInfinityCount);
        });

    [Fact]
    public void The_range_of_a_channel_is_that_of_its_elements_whatever_axis_the_channels_lie_along() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[-3, 2], Any.Array[1200]).Sample((a, b, c, axis, pool) =>
        {
            var shape = Shape.Of(a, b, c);
            var values = pool[..(a * b * c)];
            var observer = ObserverSpec.PerChannelMinMax.Create(axis);
            observer.Observe(Tensor.Of(shape, values));
            var channels = Enumerable.Range(0, (int)shape[axis].Length).Select(channel => values
                .Where((_, i) => new[] { i / (b * c), i / c % b, i % c }[(axis + 3) % 3] == channel)
                .Where(float.IsFinite).ToArray());
            if (!observer.HasObserved) return;
            Assert.Equal(channels.Select(channel => channel.DefaultIfEmpty(0).Min()), observer.Mins);
            Assert.Equal(channels.Select(channel => channel.DefaultIfEmpty(0).Max()), observer.Maxs);
            Assert.Equal(values.Count(float.IsNaN), observer.NaNCount);
            Assert.Equal((axis + 3) % 3, observer.CalculateQParams().Axis);
        });

    public static TheoryData<string> Ranging() => [.. ObserverSpec.All.Take(5).Select(s => s.Name)];

    [Theory, MemberData(nameof(Ranging))]
    public void Values_that_are_not_finite_leave_the_parameters_as_they_would_be_without_them(string kind) =>
        Gen.Select(Gen.Float[-100, 100].Array[1, 40].Array[1, 5], Gen.Int[0, 40]).Sample((batches, where) =>
        {
            var (clean, disturbed) = (Create(kind), Create(kind));
            foreach (var batch in batches)
            {
                clean.Observe(batch, Shape.Of(1, batch.Length, 1));
                float[] mixed = [.. batch, float.NaN, float.NegativeInfinity, float.PositiveInfinity, .. batch.Take(where)];
                disturbed.Observe(mixed, Shape.Of(1, mixed.Length, 1));
                // The values that were repeated must not weigh more: only ranges are compared for the histogram.
                Assert.Equal(clean.Mins, disturbed.Mins);
                Assert.Equal(clean.Maxs, disturbed.Maxs);
            }
            Assert.True(float.IsFinite(disturbed.CalculateQParams().Scales[0]));
        });

    [Theory, MemberData(nameof(Ranging))]
    public void Any_finite_values_give_a_usable_scale(string kind) =>
        Finite.Array[1, 30].Array[1, 4].Sample(batches =>
        {
            var observer = Create(kind);
            foreach (var batch in batches) observer.Observe(batch, Shape.Of(1, batch.Length, 1));
            var parameters = observer.CalculateQParams();
            Assert.All(parameters.Scales, scale => Assert.True(float.IsFinite(scale) && scale > 0));
            Assert.All(parameters.ZeroPoints, zeroPoint => Assert.InRange(zeroPoint, 0, 255));
        });

    [Theory, MemberData(nameof(Ranging))]
    public void An_observer_that_saw_nothing_refuses_to_guess(string kind)
    {
        var observer = Create(kind);
        Assert.Contains("observed nothing yet", Assert.Throws<CaliperException>(observer.CalculateQParams).Message);
        Assert.Equal($"{kind}(min_val=inf, max_val=-inf)", observer.ToString());
        observer.Observe([], Shape.Of(1, 0, 1));
        Assert.Equal(0, observer.BatchCount);
        observer.Observe([float.NaN, float.NaN], Shape.Of(1, 2, 1));
        Assert.Contains("no finite value in 1 batches", Assert.Throws<CaliperException>(observer.CalculateQParams).Message);
    }

    [Theory, MemberData(nameof(Ranging))]
    public void A_reset_observer_is_as_new(string kind)
    {
        var (fresh, reset) = (Create(kind), Create(kind));
        reset.Observe([5, -7, float.NaN], Shape.Of(1, 3, 1));
        reset.Reset();
        Assert.False(reset.HasObserved);
        Assert.Equal((0, 0), (reset.BatchCount, reset.NaNCount));
        foreach (var observer in new[] { fresh, reset }) observer.Observe([1, 2, 4, 8], Shape.Of(1, 4, 1));
        Assert.Equal(fresh.CalculateQParams(), reset.CalculateQParams());
    }

    [Theory, MemberData(nameof(Ranging))]
    public void Observing_allocates_nothing_after_the_first_batch(string kind)
    {
        var observer = Create(kind);
        var values = Enumerable.Range(0, 6000).Select(i => MathF.Sin(i)).ToArray();
        var shape = Shape.Of(2, 3, 1000);
        ObserveWider();
        Assert.Equal(0, Allocation.FewestBytes(() => { for (var i = 0; i < 5; i++) ObserveWider(); }));

        void ObserveWider()
        {
            values[0] *= 1.5f;
            observer.Observe(values, shape);
        }
    }

    [Fact]
    public void A_moving_average_starts_with_the_first_batch_and_gives_each_next_one_its_share()
    {
        var observer = (ObserverSpec.MovingAverageMinMax with { AveragingConstant = 0.25f }).Create();
        observer.Observe([-4, 8], Shape.Of(2));
        Assert.Equal((-4f, 8f), (observer.Mins[0], observer.Maxs[0]));
        observer.Observe([0, 4], Shape.Of(2));
        Assert.Equal((-3f, 7f), (observer.Mins[0], observer.Maxs[0]));
    }

    [Fact]
    public void A_channel_count_that_changes_is_refused()
    {
        var observer = ObserverSpec.PerChannelMinMax.Create();
        observer.Observe(new float[6], Shape.Of(2, 3));
        Assert.Contains("2 channels", Assert.Throws<CaliperException>(() => observer.Observe(new float[3], Shape.Of(3))).Message);
        Assert.Equal(2, observer.Mins.Length);
    }

    [Fact]
    public void A_channel_axis_that_the_tensor_does_not_have_is_refused() => Assert.Contains(
        "axis 2", Assert.Throws<CaliperException>(() =>
            ObserverSpec.PerChannelMinMax.Create(2).Observe(new float[6], Shape.Of(2, 3))).Message);

    [Fact]
    public void Only_float_tensors_of_the_right_size_are_observed()
    {
        Assert.Throws<CaliperException>(() => new MinMaxObserver().Observe(Tensor.Vector(1, 2, 3)));
        Assert.Throws<CaliperException>(() => new MinMaxObserver().Observe(new float[3], Shape.Of(2)));
    }

    [Fact]
    public void Fixed_parameters_need_no_batch()
    {
        var observer = ObserverSpec.FixedQParams(1f / 256, 0).Create();
        Assert.Equal(QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1f / 256, 0), observer.CalculateQParams());
        observer.Observe([1, 2, 3], Shape.Of(3));
        Assert.Equal(1f / 256, observer.CalculateQParams().Scale);
    }

    [Fact]
    public void A_recording_observer_keeps_copies()
    {
        var observer = new RecordingObserver();
        float[] values = [1, 2];
        observer.Observe(values, Shape.Of(2));
        values[0] = 9;
        Assert.Equal([1, 2], observer.Tensors.Single().Span<float>().ToArray());
    }

    [Theory]
    [InlineData(nameof(PlaceholderObserver)), InlineData(nameof(RecordingObserver))]
    [InlineData(nameof(NoopObserver)), InlineData(nameof(ReuseInputObserver))]
    public void Observers_without_a_range_have_no_parameters(string kind)
    {
        var observer = Create(kind);
        observer.Observe([1, 2], Shape.Of(2));
        Assert.Contains(kind, Assert.Throws<CaliperException>(observer.CalculateQParams).Message);
    }

    [Fact]
    public void An_observer_prints_as_in_PyTorch_with_its_parameters()
    {
        var observer = new MinMaxObserver();
        observer.Observe([-3.0825047f, 2.8610673f], Shape.Of(2));
        Assert.Equal("MinMaxObserver(min_val=-3.0825, max_val=2.8611, scale=0.0233, zero_point=132)", observer.ToString());
        var channels = ObserverSpec.PerChannelMinMax.Create();
        channels.Observe([0, 1e-6f, 0, 510, 0, 1, 0, 1], Shape.Of(4, 2));
        Assert.Equal(
            "PerChannelMinMaxObserver(min_val=[0.0000, 0.0000, 0.0000, … 4 in all], max_val=[1.0000e-06, 510.0000, 1.0000, … 4 in all], "
            + "scale=[1.1921e-07, 2.0000, 0.0039, … 4 in all], zero_point=[0, 0, 0, … 4 in all])", channels.ToString());
    }

    // All values in one channel, so that one sentence holds for every observer.
    private static Observer Create(string kind) => ObserverSpec.All.Single(s => s.Name == kind).Create(channelAxis: 0);
}
