using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using CsCheck;

namespace Caliper.Tests.Observers;

public class ObserverSpecTests
{
    private static readonly Gen<ObserverSpec> AnyRangeSpec =
        from kind in Gen.OneOf(ObserverSpec.All.Take(5).Select(spec => Gen.Const(spec)).ToArray())
        from signed in Gen.Bool
        from custom in Gen.Bool
        from reduce in Gen.Bool
        from axis in Gen.Int[-3, 3]
        from share in Gen.Float[0.001f, 1]
        from bins in Gen.Int[2, 5000]
        from eps in Gen.Float[1e-12f, 1]
        select Own(kind, share, bins) with
        {
            DType = signed ? ElementType.Int8 : ElementType.UInt8,
            QuantMin = custom ? 0 : null,
            QuantMax = custom ? 100 : null,
            ReduceRange = reduce,
            ChannelAxis = kind.IsPerChannel ? axis : 0,
            Eps = eps,
        };

    private static ObserverSpec Own(ObserverSpec spec, float share, int bins) => spec switch
    {
        MovingAverageMinMaxSpec average => average with { AveragingConstant = share },
        MovingAveragePerChannelMinMaxSpec average => average with { AveragingConstant = share },
        HistogramSpec histogram => histogram with { Bins = bins },
        _ => spec,
    };

    [Fact]
    public void A_spec_survives_its_JSON_form() =>
        AnyRangeSpec.Sample(spec => Assert.Equal(spec, ObserverSpec.FromJson(spec.ToJson())));

    [Fact]
    public void The_JSON_form_uses_names_of_PyTorch() => Assert.Equal(
        """{"observer":"HistogramObserver","dtype":"quint8","qscheme":"per_tensor_affine","reduce_range":true}""",
        (ObserverSpec.Histogram with { ReduceRange = true }).ToJson());

    [Fact]
    public void A_spec_prints_what_differs_from_the_defaults_of_PyTorch()
    {
        Assert.Equal("HistogramObserver()", ObserverSpec.Histogram.ToString());
        Assert.Equal(
            "PerChannelMinMaxObserver(dtype=qint8, qscheme=per_channel_symmetric, quant_min=-127, quant_max=127, eps=1.1754944E-38)",
            QConfig.Default.Weight.ToString());
        Assert.Equal("FixedQParamsObserver(scale=0.00390625, zero_point=0)", ObserverSpec.FixedQParams(1f / 256, 0).ToString());
    }

    [Fact]
    public void What_is_left_out_of_the_JSON_keeps_the_default_of_PyTorch()
    {
        Assert.Equal(ObserverSpec.MovingAveragePerChannelMinMax, ObserverSpec.FromJson("""{"observer":"MovingAveragePerChannelMinMaxObserver"}"""));
        Assert.Equal(ObserverSpec.Placeholder, ObserverSpec.FromJson("""{"observer":"PlaceholderObserver"}"""));
        Assert.Equal(ObserverSpec.Noop, ObserverSpec.FromJson("""{"observer":"NoopObserver"}"""));
    }

    [Theory]
    [InlineData("""{}""", "\"observer\" is missing")]
    [InlineData("""[]""", "must be an object")]
    [InlineData("""{"observer":"MinMax"}""", "must be one of MinMaxObserver, ")]
    [InlineData("""{"observer":7}""", "must be text")]
    [InlineData("""{"observer":"MinMaxObserver","bins":64}""", "\"bins\" is not known here; known are observer, dtype")]
    [InlineData("""{"observer":"MinMaxObserver","quant_max":127}""", "set together")]
    [InlineData("""{"observer":"MinMaxObserver","quant_min":0,"quant_max":1e99}""", "\"quant_max\" must be an integer")]
    [InlineData("""{"observer":"MinMaxObserver","quant_min":0,"quant_max":256}""", "does not fit")]
    [InlineData("""{"observer":"MinMaxObserver","quant_min":5,"quant_max":100}""", "must include 0")]
    [InlineData("""{"observer":"MinMaxObserver","quant_min":0,"quant_max":0}""", "empty")]
    [InlineData("""{"observer":"MinMaxObserver","eps":1e99}""", "\"eps\" must be a number")]
    [InlineData("""{"observer":"MinMaxObserver","eps":0}""", "eps must be finite and above zero")]
    [InlineData("""{"observer":"MinMaxObserver","reduce_range":"yes"}""", "must be true or false")]
    [InlineData("""{"observer":"MinMaxObserver","dtype":"float32"}""", "stored as UInt8, Int8, UInt16 or Int32")]
    [InlineData("""{"observer":"MinMaxObserver","dtype":"int4"}""", "must be one of quint8")]
    [InlineData("""{"observer":"MinMaxObserver","qscheme":"per_channel_affine"}""", "use a PerChannelMinMaxObserver")]
    [InlineData("""{"observer":"PerChannelMinMaxObserver","qscheme":"per_tensor_affine"}""", "use a MinMaxObserver")]
    [InlineData("""{"observer":"MinMaxObserver","qscheme":"per_tensor_symmetric","reduce_range":true}""", "symmetric quint8")]
    [InlineData("""{"observer":"MovingAverageMinMaxObserver","averaging_constant":0}""", "averaging_constant")]
    [InlineData("""{"observer":"HistogramObserver","bins":1}""", "bins must be 2 to")]
    [InlineData("""{"observer":"HistogramObserver","bins":2000000000}""", "bins must be 2 to")]
    [InlineData("""{"observer":"HistogramObserver","dtype":"qint32"}""", "use MinMaxObserver")]
    [InlineData("""{"observer":"FixedQParamsObserver","scale":0.1}""", "scale and zero_point must be given")]
    [InlineData("""{"observer":"FixedQParamsObserver","scale":-1,"zero_point":0}""", "above zero")]
    [InlineData("""{"observer":"FixedQParamsObserver","scale":1,"zero_point":300}""", "does not fit")]
    [InlineData("""{"observer":"MinMaxObserver","observer":"HistogramObserver"}""", "not valid JSON")]
    [InlineData("""{"observer":"\ud800"}""", "not valid JSON")]
    [InlineData("""{"observer":""", "not valid JSON")]
    public void A_wrong_spec_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CaliperException>(() => ObserverSpec.FromJson(json)).Message);

    [Fact]
    public void What_a_file_may_not_say_code_may_not_either() =>
        Assert.Throws<CaliperException>(() =>
            (ObserverSpec.Histogram with { Scheme = QuantizationScheme.PerChannelAffine }).Create());

    [Fact]
    public void The_channel_axis_can_be_chosen_when_the_observer_is_made()
    {
        Assert.Equal(1, ObserverSpec.PerChannelMinMax.Create(channelAxis: 1).Spec.ChannelAxis);
        Assert.Equal(0, ObserverSpec.MinMax.Create(channelAxis: 1).Spec.ChannelAxis);
    }

    [Fact]
    public void The_range_of_integers_is_that_of_PyTorch()
    {
        Assert.Equal((-64, 63), Range(new MinMaxSpec { DType = ElementType.Int8, ReduceRange = true }));
        Assert.Equal((0, 127), Range(ObserverSpec.Histogram with { ReduceRange = true }));
        Assert.Equal((-64, 63), Range(QConfig.Default.Weight with { ReduceRange = true }));

        static (int, int) Range(ObserverSpec spec) => (spec.QuantizedType.Min, spec.QuantizedType.Max);
    }
}
