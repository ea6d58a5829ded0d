using Caliper.Torch.Modules;

namespace Caliper.Tool.Demo;

/// <summary>
/// The network of the embedded sample: torchvision's MobileNetV2 made small for images of 32×32 pixels, with the parameter
/// names of torchvision. It also shows how a network is described in C# so that a PyTorch checkpoint fits it.
/// </summary>
internal sealed class GlyphNetwork : Module
{
    /// <summary>Expansion, channels, blocks, stride of the first: torchvision's <c>inverted_residual_setting</c>.</summary>
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Settings =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 2, 1), (6, 48, 3, 2)];

    private const int StemChannels = 24;
    private const int LastChannels = 192;

    private readonly Sequential features = new();
    private readonly AdaptiveAvgPool2d avgpool = new(1);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier = new() { { "1", new Linear(LastChannels, GlyphData.Classes.Length) } };

    public GlyphNetwork()
    {
        var channels = StemChannels;
        features.Add(ConvBnReLU6(3, channels, 3, stride: 2));
        foreach (var setting in Settings)
        {
            for (var i = 0; i < setting.Blocks; i++)
            {
                features.Add(new InvertedResidual(channels, setting.Channels, i == 0 ? setting.Stride : 1, setting.Expansion));
                channels = setting.Channels;
            }
        }
        features.Add(ConvBnReLU6(channels, LastChannels, 1));
    }

    protected override Signal Forward(Signal x) => x.Through(features, avgpool, flatten, classifier);

    private static Sequential ConvBnReLU6(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) => new(
        new Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2, groups: groups, bias: false),
        new BatchNorm2d(outputs),
        new ReLU6());

    private sealed class InvertedResidual : Module
    {
        private readonly Sequential conv = new();
        private readonly bool _hasShortcut;

        public InvertedResidual(int inputs, int outputs, int stride, int expansion)
        {
            _hasShortcut = stride == 1 && inputs == outputs;
            var hidden = inputs * expansion;
            if (expansion != 1) conv.Add(ConvBnReLU6(inputs, hidden, 1));
            conv.Add(ConvBnReLU6(hidden, hidden, 3, stride, groups: hidden));
            conv.Add(new Conv2d(hidden, outputs, 1, bias: false));
            conv.Add(new BatchNorm2d(outputs));
        }

        protected override Signal Forward(Signal x) => _hasShortcut ? x + x.Through(conv) : x.Through(conv);
    }
}
