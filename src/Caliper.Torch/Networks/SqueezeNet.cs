using Caliper.Torch.Modules;

namespace Caliper.Torch.Networks;

/// <summary>SqueezeNet (Iandola et al. 2016). Names as in <c>torchvision.models.squeezenet</c>.</summary>
internal sealed class SqueezeNet : Module
{
    private readonly Sequential features;
    private readonly Sequential classifier;
    private readonly Flatten flatten = new();

    private SqueezeNet(Sequential features, int classes)
    {
        this.features = features;
        classifier = new(new Dropout(), new Conv2d(512, classes, 1), new ReLU(), new AdaptiveAvgPool2d(1));
    }

    /// <summary>Version 1.0, the one of the paper.</summary>
    public static SqueezeNet Version10(int classes) => new(
        new(
            new Conv2d(3, 96, 7, stride: 2), new ReLU(), Pool(),
            new Fire(96, 16, 64), new Fire(128, 16, 64), new Fire(128, 32, 128), Pool(),
            new Fire(256, 32, 128), new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), Pool(),
            new Fire(512, 64, 256)),
        classes);

    /// <summary>Version 1.1: as accurate for 2.4 times less computation.</summary>
    public static SqueezeNet Version11(int classes) => new(
        new(
            new Conv2d(3, 64, 3, stride: 2), new ReLU(), Pool(),
            new Fire(64, 16, 64), new Fire(128, 16, 64), Pool(),
            new Fire(128, 32, 128), new Fire(256, 32, 128), Pool(),
            new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256)),
        classes);

    protected internal override Signal Forward(Signal x) => x.Through(features, classifier, flatten);

    private static MaxPool2d Pool() => new(3, stride: 2, ceilMode: true);

    private sealed class Fire(int inPlanes, int squeezePlanes, int expandPlanes) : Module
    {
        private readonly Conv2d squeeze = new(inPlanes, squeezePlanes, 1);
        private readonly ReLU squeeze_activation = new();
        private readonly Conv2d expand1x1 = new(squeezePlanes, expandPlanes, 1);
        private readonly ReLU expand1x1_activation = new();
        private readonly Conv2d expand3x3 = new(squeezePlanes, expandPlanes, 3, padding: 1);
        private readonly ReLU expand3x3_activation = new();

        protected internal override Signal Forward(Signal x)
        {
            var squeezed = x.Through(squeeze, squeeze_activation);
            return Signal.Cat(
                squeezed.Through(expand1x1, expand1x1_activation),
                squeezed.Through(expand3x3, expand3x3_activation));
        }
    }
}
