using Glyphs.Layers;
using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>
/// A small MobileNetV2: torchvision's network with a stem of 24 channels, the blocks below, a last convolution of 192
/// channels, 36 classes, and no dropout.
/// </summary>
internal sealed class GlyphNetwork
{
    /// <summary>Expansion, channels, repeats, stride of the first: torchvision's <c>inverted_residual_setting</c>.</summary>
    public static readonly (int Expansion, int Channels, int Repeats, int Stride)[] Settings =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 2, 1), (6, 48, 3, 2)];

    private const int StemChannels = 24;
    private const int LastChannels = 192;

    private readonly GlobalAveragePool _pool = new();
    private Action<Activation>? _tap;

    /// <summary>Creates a network with weights drawn from <paramref name="random"/>.</summary>
    public GlyphNetwork(SeededRandom random, Workers workers)
    {
        Workers = workers;
        Stem = new(new StemConvolution(3, StemChannels, workers), relu6: true, workers);
        var blocks = new List<InvertedResidual>();
        var channels = StemChannels;
        foreach (var (expansion, outputChannels, repeats, stride) in Settings)
        {
            for (var i = 0; i < repeats; i++, channels = outputChannels)
                blocks.Add(new(channels, outputChannels, i == 0 ? stride : 1, expansion, workers));
        }
        Blocks = blocks;
        Last = new(new PointwiseConvolution(channels, LastChannels, workers), relu6: true, workers);
        Classifier = new(LastChannels, GlyphClasses.Count, workers);
        foreach (var block in ConvolutionBlocks) Draw(block.Convolution, random);
        foreach (ref var weight in Classifier.Matrix.Weight.Values.AsSpan()) weight = 0.01f * random.Gaussian();
    }

    /// <summary>Who does the work.</summary>
    public Workers Workers { get; }

    /// <summary>The first convolution.</summary>
    public ConvolutionBlock Stem { get; }

    /// <summary>The inverted residuals.</summary>
    public IReadOnlyList<InvertedResidual> Blocks { get; }

    /// <summary>The last convolution.</summary>
    public ConvolutionBlock Last { get; }

    /// <summary>The classifier.</summary>
    public Linear Classifier { get; }

    /// <summary>All convolutions in the order of the forward pass.</summary>
    public IEnumerable<ConvolutionBlock> ConvolutionBlocks => [Stem, .. Blocks.SelectMany(block => block.Blocks), Last];

    /// <summary>All that training changes.</summary>
    public IEnumerable<Parameter> Parameters =>
        [.. ConvolutionBlocks.SelectMany(block => block.Parameters), .. Classifier.Parameters];

    /// <summary>Called, in order, with the input and every output that an int8 network would quantize; may change them.</summary>
    public Action<Activation>? Tap
    {
        get => _tap;
        set
        {
            _tap = value;
            foreach (var block in Blocks) block.Tap = value;
        }
    }

    /// <summary>From images × 32 × 32 × 3 to images × 1 × 1 × 36 logits.</summary>
    public Activation Forward(Activation images, bool training)
    {
        Tap?.Invoke(images);
        var x = Tapped(Stem.Forward(images, training));
        foreach (var block in Blocks) x = block.Forward(x, training);
        x = Tapped(Last.Forward(x, training));
        x = Tapped(_pool.Forward(x, training));
        return Tapped(Classifier.Forward(x, training));
    }

    /// <summary>From the gradient of the logits to that of every parameter.</summary>
    public void Backward()
    {
        Classifier.Backward();
        _pool.Backward();
        Last.Backward();
        foreach (var block in Blocks.Reverse()) block.Backward();
        Stem.Backward();
    }

    private Activation Tapped(Activation x)
    {
        Tap?.Invoke(x);
        return x;
    }

    /// <summary>He et al. 2015, over the fan-out, as torchvision does.</summary>
    private static void Draw(Convolution convolution, SeededRandom random)
    {
        var kernel = convolution.TorchShape[2] * convolution.TorchShape[3];
        var fanOut = kernel * (convolution is DepthwiseConvolution ? 1 : convolution.OutputChannels);
        var deviation = MathF.Sqrt(2f / fanOut);
        foreach (ref var weight in convolution.Weight.Values.AsSpan()) weight = deviation * random.Gaussian();
    }
}
