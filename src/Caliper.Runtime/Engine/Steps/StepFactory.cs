using Caliper.Kernels;

namespace Caliper.Engine.Steps;

/// <summary>What operations need to make their steps.</summary>
/// <param name="Kernels">Which kernels to take.</param>
/// <param name="Resources">What lives as long as the session.</param>
internal sealed record StepFactory(KernelSet Kernels, KernelResources Resources);
