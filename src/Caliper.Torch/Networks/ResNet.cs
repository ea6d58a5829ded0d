using Caliper.Torch.Modules;

namespace Caliper.Torch.Networks;

/// <summary>ResNet for 224×224 images (He et al. 2015). Names as in <c>torchvision.models.resnet</c>.</summary>
internal sealed class ResNet : Module
{
    private readonly Conv2d conv1 = new(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly BatchNorm2d bn1 = new(64);
    private readonly ReLU relu = new();
    private readonly MaxPool2d maxpool = new(3, stride: 2, padding: 1);
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly AdaptiveAvgPool2d avgpool = new(1);
    private readonly Flatten flatten = new();
    private readonly Linear fc;

    /// <summary>Blocks in each of the four stages, of two 3×3 convolutions or of a bottleneck.</summary>
    public ResNet(int[] blocks, bool bottleneck, int classes)
    {
        var expansion = bottleneck ? 4 : 1;
        layer1 = Stage(blocks[0], 64, 64, 1, bottleneck);
        layer2 = Stage(blocks[1], 64 * expansion, 128, 2, bottleneck);
        layer3 = Stage(blocks[2], 128 * expansion, 256, 2, bottleneck);
        layer4 = Stage(blocks[3], 256 * expansion, 512, 2, bottleneck);
        fc = new Linear(512 * expansion, classes);
    }

    protected internal override Signal Forward(Signal x) =>
        x.Through(conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool, flatten, fc);

    private static Sequential Stage(int blocks, int inPlanes, int planes, int stride, bool bottleneck)
    {
        var outPlanes = bottleneck ? 4 * planes : planes;
        var stage = new Sequential();
        for (var i = 0; i < blocks; i++)
        {
            var (from, step) = i == 0 ? (inPlanes, stride) : (outPlanes, 1);
            stage.Add(bottleneck ? new Bottleneck(from, planes, step) : new BasicBlock(from, planes, step));
        }
        return stage;
    }

    /// <summary>A 1×1 projection where the block changes the shape; none where it does not.</summary>
    private static Sequential? Projection(int inPlanes, int outPlanes, int stride) => stride == 1 && inPlanes == outPlanes
        ? null
        : new(new Conv2d(inPlanes, outPlanes, 1, stride, bias: false), new BatchNorm2d(outPlanes));

    private sealed class BasicBlock(int inPlanes, int planes, int stride) : Module
    {
        private readonly Conv2d conv1 = new(inPlanes, planes, 3, stride, padding: 1, bias: false);
        private readonly BatchNorm2d bn1 = new(planes);
        private readonly ReLU relu = new();
        private readonly Conv2d conv2 = new(planes, planes, 3, padding: 1, bias: false);
        private readonly BatchNorm2d bn2 = new(planes);
        private readonly Sequential? downsample = Projection(inPlanes, planes, stride);

        protected internal override Signal Forward(Signal x) =>
            (x.Through(conv1, bn1, relu, conv2, bn2) + (downsample is null ? x : x.Through(downsample))).Through(relu);
    }

    private sealed class Bottleneck(int inPlanes, int planes, int stride) : Module
    {
        private readonly Conv2d conv1 = new(inPlanes, planes, 1, bias: false);
        private readonly BatchNorm2d bn1 = new(planes);
        private readonly Conv2d conv2 = new(planes, planes, 3, stride, padding: 1, bias: false);
        private readonly BatchNorm2d bn2 = new(planes);
        private readonly Conv2d conv3 = new(planes, 4 * planes, 1, bias: false);
        private readonly BatchNorm2d bn3 = new(4 * planes);
        private readonly ReLU relu = new();
        private readonly Sequential? downsample = Projection(inPlanes, 4 * planes, stride);

        protected internal override Signal Forward(Signal x) =>
            (x.Through(conv1, bn1, relu, conv2, bn2, relu, conv3, bn3) + (downsample is null ? x : x.Through(downsample)))
            .Through(relu);
    }
}
