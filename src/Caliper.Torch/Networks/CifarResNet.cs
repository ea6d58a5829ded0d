using Caliper.Torch.Modules;

namespace Caliper.Torch.Networks;

/// <summary>
/// ResNet for 32×32 images (He et al. 2015, section 4.2): 6n + 2 layers in three stages of n blocks, shortcuts without weights.
/// Names as in github.com/akamaster/pytorch_resnet_cifar10.
/// </summary>
internal sealed class CifarResNet : Module
{
    private readonly Conv2d conv1 = new(3, 16, 3, padding: 1, bias: false);
    private readonly BatchNorm2d bn1 = new(16);
    private readonly ReLU relu1 = new();
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly AdaptiveAvgPool2d avgpool = new(1);
    private readonly Flatten flatten = new();
    private readonly Linear linear;

    public CifarResNet(int depth, int classes)
    {
        var blocks = (depth - 2) / 6;
        (layer1, layer2, layer3) = (Stage(blocks, 16, 16, 1), Stage(blocks, 16, 32, 2), Stage(blocks, 32, 64, 2));
        linear = new Linear(64, classes);
    }

    protected internal override Signal Forward(Signal x) =>
        x.Through(conv1, bn1, relu1, layer1, layer2, layer3, avgpool, flatten, linear);

    private static Sequential Stage(int blocks, int inPlanes, int planes, int stride)
    {
        var stage = new Sequential(new Block(inPlanes, planes, stride));
        for (var i = 1; i < blocks; i++) stage.Add(new Block(planes, planes, 1));
        return stage;
    }

    private sealed class Block(int inPlanes, int planes, int stride) : Module
    {
        private readonly Conv2d conv1 = new(inPlanes, planes, 3, stride, padding: 1, bias: false);
        private readonly BatchNorm2d bn1 = new(planes);
        private readonly ReLU relu1 = new();
        private readonly Conv2d conv2 = new(planes, planes, 3, padding: 1, bias: false);
        private readonly BatchNorm2d bn2 = new(planes);
        private readonly Module shortcut = stride == 1 ? new Identity() : new ZeroPadShortcut(stride, planes - inPlanes);
        private readonly ReLU relu2 = new();

        protected internal override Signal Forward(Signal x) =>
            (x.Through(conv1, bn1, relu1, conv2, bn2) + x.Through(shortcut)).Through(relu2);
    }
}
