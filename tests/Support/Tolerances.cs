namespace Caliper.Testing;

/// <summary>Every tolerance that a test allows, with its reason. Integer results have none: they are compared for
/// equality.</summary>
internal static class Tolerances
{
    /// <summary>Scales and ranges against PyTorch's, in units in the last place: both sides print and parse one
    /// float32.</summary>
    public const int ObserverUlps = 1;

    /// <summary>Sums of up to 4,096 float32 values against their sum in double.</summary>
    public const double FloatSums = 1e-4;

    /// <summary>A share of Softmax in float32: some units in the last place of 1.</summary>
    public const double FloatSoftmax = 1e-6;

    /// <summary>Steps that a value may move by being quantized: half of one, and what float32 loses.</summary>
    public const float HalfStep = 0.5001f;

    /// <summary>Signal to noise of float32 results that differ only in the order of additions.</summary>
    public const double FloatRoundingDecibels = 110;

    /// <summary>Results where a divided value is multiplied again before a gate, against the greatest result: ONNX Runtime then computes the gate
    /// step by step instead of at once.</summary>
    public const float EqualizedRelative = 1e-5f;

    /// <summary>Signal to noise of a good int8 network of a few layers.</summary>
    public const double Int8Decibels = 32;

    /// <summary>Signal to noise of an int8 network with few levels or many layers.</summary>
    public const double CoarseInt8Decibels = 18;

    /// <summary>Signal to noise of results that come from almost the same integers: a few are one level off.</summary>
    public const double SameIntegersDecibels = 40;

    /// <summary>Ranges of activations against PyTorch's, as a share of their width: the two engines add in different orders.</summary>
    public const double RangeRelative = 1e-4;

    /// <summary>Scales of folded weights against PyTorch's: a float32 rounding or two.</summary>
    public const double FoldedWeightRelative = 1e-6;

    /// <summary>Top-1 accuracy against PyTorch's, in percentage points: 10 of 2,000 images.</summary>
    public const double AccuracyPoints = 0.5;

    /// <summary>Logits of a trained network (up to 16) against PyTorch's: float32 sums in another order.</summary>
    public const float Logits = 1e-3f;

    /// <summary>Outputs of the same float network from two files, run by the same engine.</summary>
    public const float SameNetwork = 1e-4f;

    /// <summary>Outputs (up to 1) of a float network of two layers against TorchSharp's.</summary>
    public const float SmallNetwork = 1e-5f;

    /// <summary>Number of values in a histogram, relative: sixteenths of sixteenths of counts, kept in float32.</summary>
    public const double HistogramMass = 1e-5;

    /// <summary>Numbers that a page shows of a network's float results, relative: float32 sums differ from CPU to CPU.</summary>
    public const double PrintedFloat = 0.02;

    /// <summary>Ranges chosen by a histogram against PyTorch's, in bins of it.</summary>
    public const double HistogramBins = 2.01;

    /// <summary>How many of ResNet-20's 30 sites PyTorch's greedy search may leave farther off, see the test that uses it.</summary>
    public const int HistogramSitesFarOff = 3;

    /// <summary>Predicted against measured signal to noise: values spread evenly over bins of 1 %, and the luck of a draw.</summary>
    public const double PredictedDecibels = 0.05;

    /// <summary>The best range that statistics find against the best that brute force finds on the values.</summary>
    public const double BestRangeDecibels = 0.05;

    /// <summary>By how much the range of least predicted error may measure worse than another: luck, which many values even out.</summary>
    public static double NeverWorseDecibels(int values) => 0.01 + 10 / Math.Sqrt(values);

    /// <summary>A layer that is summed in integers against ONNX Runtime's float32 sums of the same file, as a share of the greatest result.</summary>
    public const float FloatLayer = 1e-5f;

    /// <summary>Levels of 16 bits by which a layer may be off ONNX Runtime's, which sums it in float32: a level is 1/65,536 of the range.</summary>
    public const int WordLevels = 2;

    /// <summary>How many bytes of the engine may be one level off ONNX Runtime's, where neither defines how a sum of floats is
    /// rounded.</summary>
    public const double EngineShareOffByOne = 1e-4;

    /// <summary>How many bytes of the engine may be one level off PyTorch's: it averages and multiplies in another order.</summary>
    public const double PyTorchShareOffByOne = 1e-3;
}
