using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>How a character is put on its tile: size, slant, turn, perspective and a wave, all in one map of points.</summary>
internal sealed class Distortion
{
    private readonly float _scaleX, _scaleY, _shear, _cos, _sin, _perspectiveX, _perspectiveY;
    private readonly float _amplitude, _frequency, _phase, _centreX, _centreY;
    private readonly bool _waveIsVertical;

    /// <summary>Draws a distortion for a tile of the given size in pixels.</summary>
    public Distortion(SeededRandom random, int tileSize)
    {
        var height = tileSize * random.Between(0.52f, 0.76f);
        // Width and height stay alike: aspect is what tells 0 from O in most fonts.
        (_scaleX, _scaleY) = (height * random.Between(0.92f, 1.1f), height);
        _shear = random.Between(-0.2f, 0.2f);
        var turn = random.Between(-14f, 14f) * MathF.PI / 180;
        (_cos, _sin) = (MathF.Cos(turn), MathF.Sin(turn));
        (_perspectiveX, _perspectiveY) = (random.Between(-0.16f, 0.16f), random.Between(-0.16f, 0.16f));
        _amplitude = random.Chance(0.4f) ? random.Between(0.3f, 1.1f) : 0;
        _frequency = 2 * MathF.PI / random.Between(12, 28);
        _phase = random.Between(0, 2 * MathF.PI);
        _waveIsVertical = random.Chance(0.5f);
        var slack = (tileSize - height) / 2 * 0.7f;
        (_centreX, _centreY) = (tileSize / 2f + random.Between(-slack, slack), tileSize / 2f + random.Between(-slack, slack));
    }

    /// <summary>From the outline's units to pixels of the tile.</summary>
    public SKPoint Map(SKPoint point)
    {
        var nearness = 1 + _perspectiveX * point.X + _perspectiveY * point.Y;
        var x = (point.X - _shear * point.Y) * _scaleX / nearness;
        var y = point.Y * _scaleY / nearness;
        (x, y) = (x * _cos - y * _sin, x * _sin + y * _cos);
        if (_waveIsVertical) y += _amplitude * MathF.Sin(x * _frequency + _phase);
        else x += _amplitude * MathF.Sin(y * _frequency + _phase);
        return new SKPoint(_centreX + x, _centreY + y);
    }
}
