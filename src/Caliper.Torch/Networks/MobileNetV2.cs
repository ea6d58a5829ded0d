using Caliper.Torch.Modules;

namespace Caliper.Torch.Networks;

/// <summary>MobileNetV2 (Sandler et al. 2018). Names as in <c>torchvision.models.mobilenet_v2</c>.</summary>
internal sealed class MobileNetV2 : Module
{
    private readonly Sequential features = new();
    private readonly AdaptiveAvgPool2d avgpool = new(1);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier;

    /// <summary>Creates the network of some stages: expansion, channels, blocks, stride of the first.</summary>
    private MobileNetV2(
        int classes, int stemChannels, int lastChannels, params ReadOnlySpan<(int Expansion, int Channels, int Blocks, int Stride)> stages)
    {
        var channels = stemChannels;
        features.Add(ConvBnReLU6(3, channels, 3, stride: 2));
        foreach (var stage in stages)
        {
            for (var i = 0; i < stage.Blocks; i++)
            {
                features.Add(new InvertedResidual(channels, stage.Channels, i == 0 ? stage.Stride : 1, stage.Expansion));
                channels = stage.Channels;
            }
        }
        features.Add(ConvBnReLU6(channels, lastChannels, 1));
        classifier = new(new Dropout(0.2), new Linear(lastChannels, classes));
    }

    /// <summary>Table 2 of the paper.</summary>
    public static MobileNetV2 OfThePaper(int classes) => new(classes, 32, 1280,
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1));

    /// <summary>The small one of <c>samples/glyphs</c>.</summary>
    public static MobileNetV2 OfGlyphs(int classes) => new(classes, 24, 192,
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 2, 1), (6, 48, 3, 2));

    protected internal override Signal Forward(Signal x) => x.Through(features, avgpool, flatten, classifier);

    private static Sequential ConvBnReLU6(int inPlanes, int outPlanes, int kernel, int stride = 1, int groups = 1) => new(
        new Conv2d(inPlanes, outPlanes, kernel, stride, padding: (kernel - 1) / 2, groups: groups, bias: false),
        new BatchNorm2d(outPlanes),
        new ReLU6());

    private sealed class InvertedResidual : Module
    {
        private readonly Sequential conv = new();
        private readonly bool _hasShortcut;

        public InvertedResidual(int inPlanes, int outPlanes, int stride, int expansion)
        {
            _hasShortcut = stride == 1 && inPlanes == outPlanes;
            var hidden = inPlanes * expansion;
            if (expansion != 1) conv.Add(ConvBnReLU6(inPlanes, hidden, 1));
            conv.Add(ConvBnReLU6(hidden, hidden, 3, stride, groups: hidden));
            conv.Add(new Conv2d(hidden, outPlanes, 1, bias: false));
            conv.Add(new BatchNorm2d(outPlanes));
        }

        protected internal override Signal Forward(Signal x) => _hasShortcut ? x + x.Through(conv) : x.Through(conv);
    }
}
