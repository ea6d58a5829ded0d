using Caliper.Observers;

namespace Caliper.Preparation;

/// <summary>An observer at its place.</summary>
/// <param name="Site">What it watches.</param>
/// <param name="Observer">What it has seen, and the scale and zero point that it proposes.</param>
public sealed record ActivationObserver(ObservationSite Site, Observer Observer);
