"""Chinese for the fixed English strings of Streamlit's own frontend.

Streamlit has no locale, and part of its interface lives in JS bundles and an index page that Python cannot
reach. Those files are translated as they are served, so nothing below site-packages is patched.

STRINGS holds exact source snippets of Streamlit 1.67.0; tests/ui/test_locale.py names each one an upgrade
moved. Left out, because the app never shows them: date/time inputs, chat, audio, camera, map, Vega and graph
elements, st.feedback, the deploy dialogs and the skills nudge.
"""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, NamedTuple

from ui.base.scripts import HEAD, SCRIPTS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TITLE = "武汉市人工智能企业培育库"

# Plotly looks its texts and date formats up in the dictionary of its default locale.
_PLOTLY_WORDS = {
    "Autoscale": "自动缩放",
    "Box Select": "框选",
    "Cancel": "取消",
    "Click to enter Colorscale title": "点击输入色阶标题",
    "Click to enter Plot title": "点击输入图表标题",
    "Click to enter Plot subtitle": "点击输入副标题",
    "Click to enter X axis title": "点击输入横轴标题",
    "Click to enter Y axis title": "点击输入纵轴标题",
    "Click to enter radial axis title": "点击输入径向轴标题",
    "Compare data on hover": "悬停时对比数据",
    "Double-click on legend to isolate one trace": "双击图例只看一项",
    "Double-click to zoom back out": "双击还原缩放",
    "Download plot": "下载图表",
    "Download plot as JSON": "下载为 JSON",
    "Download plot as a PNG": "下载为 PNG 图片",
    "Draw circle": "画圆",
    "Draw closed freeform": "画封闭曲线",
    "Draw line": "画直线",
    "Draw open freeform": "画曲线",
    "Draw rectangle": "画矩形",
    "Erase active shape": "删除所选图形",
    "Image download succeeded": "图片已下载",
    "JSON download succeeded": "JSON 已下载",
    "Lasso Select": "套索选择",
    "Orbital rotation": "轨道旋转",
    "Pan": "平移",
    "Preparing image - this may take a few seconds": "正在生成图片，请稍候",
    "Produced with Plotly.js": "由 Plotly.js 绘制",
    "Reset": "重置",
    "Reset axes": "重置坐标轴",
    "Reset camera to default": "重置为默认视角",
    "Reset camera to last save": "重置为上次视角",
    "Reset view": "重置视图",
    "Reset views": "重置视图",
    "Share": "分享",
    "Share chart": "分享图表",
    "Share chart...": "分享图表",
    "Show closest data on hover": "悬停时显示最近数据",
    "Sorry, there was a problem downloading your JSON file!": "JSON 下载失败",
    "Sorry, there was a problem downloading your image!": "图片下载失败",
    "Toggle Spike Lines": "显示/隐藏参考线",
    "Toggle show closest data on hover": "切换悬停显示最近数据",
    "Turntable rotation": "转台旋转",
    "Zoom": "缩放",
    "Zoom in": "放大",
    "Zoom out": "缩小",
    "close:": "收盘：",
    "open:": "开盘：",
    "high:": "最高：",
    "low:": "最低：",
    "kde:": "核密度：",
    "lat:": "纬度：",
    "lon:": "经度：",
    "max:": "最大值：",
    "mean:": "平均值：",
    "mean ± σ:": "平均值 ± σ：",
    "median:": "中位数：",
    "min:": "最小值：",
    "q1:": "下四分位数：",
    "q3:": "上四分位数：",
    "lower fence:": "下限：",
    "upper fence:": "上限：",
    "new text": "新文本",
    "trace": "系列",
    "source:": "来源：",
    "target:": "去向：",
    "concentration:": "集中度：",
    "incoming flow count:": "流入数：",
    "outgoing flow count:": "流出数：",
}
_MONTHS = [f"{month}月" for month in range(1, 13)]
_PLOTLY_FORMAT = {
    "days": [f"星期{day}" for day in "日一二三四五六"],
    "shortDays": [f"周{day}" for day in "日一二三四五六"],
    "months": _MONTHS,
    "shortMonths": _MONTHS,
    "periods": ["上午", "下午"],
    "dateTime": "%Y-%m-%d %H:%M:%S",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "decimal": ".",
    "thousands": ",",
    "grouping": [3],
    "currency": ["¥", ""],
    "year": "%Y",
    "month": "%Y年%-m月",
    "dayMonth": "%-m月%-d日",
    "dayMonthYear": "%Y年%-m月%-d日",
}

STRINGS: dict[str, str] = {
    # Index page. React Aria ships its own Chinese: tell it the locale, whatever the browser's language is.
    '<html lang="en">': '<html lang="zh-CN">',
    "<title>Streamlit</title>": f"<title>{TITLE}</title>{HEAD}",
    "window.prerenderReady = false\n": (
        'window.prerenderReady = false; window[Symbol.for("react-aria.i18n.locale")] = "zh-CN"\n' + SCRIPTS
    ),
    "<p>You need to enable JavaScript to run this app.</p>": "<p>请启用浏览器的 JavaScript。</p>",
    """Reading this without a browser? A Streamlit app can also offer its
        contents and interactions as JSON over HTTP, the recommended way for AI
        agents and other programs to use it without a browser. This page is an
        empty shell until JavaScript renders the app's content into it.""": "本页内容由脚本显示。",
    """<p>
        The protocol is described at
        <a href="./_stcore/agent/openapi.json">_stcore/agent/openapi.json</a>
        under the app's root URL, not under a page's URL. That document also
        says whether this app offers it. The protocol has one HTTP operation,
        <code>POST _stcore/agent/interact</code>: a JSON body of
        <code>{}</code> starts a session and returns the app's contents as
        JSON. The same protocol is also an MCP server at
        <code>_stcore/agent/mcp</code> under the app's root URL.
      </p>""": "",
    "return e||`Streamlit`}": f"return e||`{TITLE}`}}",
    # Input instructions, required and validation messages.
    "a?`submit form`:`apply`": "a?`提交表单`:`确认`",
    "`Press ${r()?`⌘`:`Ctrl`}+Enter to ${e}`": "`按 ${r()?`⌘`:`Ctrl`}+Enter ${e}`",
    "`Press Enter to ${e}`": "`按 Enter ${e}`",
    "children:`(required)`": "children:`（必填）`",
    "`This field is required.`": "`此项为必填项。`",
    "`Invalid input.`": "`输入内容无效。`",
    "`Invalid value.`": "`输入内容无效。`",
    "`${g} Must match pattern: ${e.toString()}`": "`${g}应符合格式：${e.toString()}`",
    "`Invalid validate regex: ${e}. Error: ${String(t)}`": "`校验规则有误：${e}（${String(t)}）`",
    # Text and number inputs, slider.
    '"aria-label":`Clear entry`': '"aria-label":`清空输入`',
    "`Hide password`:`Show password`": "`隐藏密码`:`显示密码`",
    '"aria-label":`Clear value`': '"aria-label":`清除`',
    '"aria-label":`Decrement`': '"aria-label":`减少`',
    '"aria-label":`Increment`': '"aria-label":`增加`',
    "`Number is outside the allowed range. Please enter a value between ${n} and ${r}.`": (
        "`数值超出允许范围，请输入 ${n} 至 ${r} 之间的数。`"
    ),
    "`Number is below the allowed range. Please enter a value greater than or equal to ${n}.`": (
        "`数值过小，请输入不小于 ${n} 的数。`"
    ),
    "`Number is below the allowed range.`": "`数值过小。`",
    "`Number is above the allowed range. Please enter a value less than or equal to ${r}.`": (
        "`数值过大，请输入不大于 ${r} 的数。`"
    ),
    "`Number is above the allowed range.`": "`数值过大。`",
    "`Error: ${M}`": "`错误：${M}`",
    "`**Error**: ${M}`": "`**错误**：${M}`",
    "i===0?`start`:`end`": "i===0?`起点`:`终点`",
    # Selectbox, multiselect, radio. The first two pin React Aria to English, against the locale set above.
    "locale:`en-US`,children:n(le,{value:": "locale:`zh-CN`,children:n(le,{value:",
    "locale:`en-US`,children:n(re,{selectionMode:": "locale:`zh-CN`,children:n(re,{selectionMode:",
    "`Add options`:`Add an option`": "`添加选项`:`添加选项`",
    "`No options to select`": "`没有可选项`",
    "`Choose or add options`:`Choose or add an option`": "`请选择或添加`:`请选择或添加`",
    "`Choose options`:`Choose an option`": "`请选择（可多选）`:`请选择`",
    "`No results`": "`没有匹配项`",
    "label:`Add: ${n}`": "label:`添加：${n}`",
    "label:`Add: ${M}`": "label:`添加：${M}`",
    "label:`Select all`": "label:`全选`",
    "label:`Select ${p.length} matches`": "label:`选择 ${p.length} 个匹配项`",
    "`You can only select up to ${t.maxSelections} ${e}. Remove an option first.`": (
        "`最多只能选择 ${t.maxSelections} 项，请先移除一项。`"
    ),
    '"aria-label":`Selected values`': '"aria-label":`已选项`',
    '"aria-label":`Remove ${e}`': '"aria-label":`移除 ${e}`',
    '"aria-label":`Clear all`': '"aria-label":`全部清除`',
    '"aria-label":`Open`': '"aria-label":`展开选项`',
    "`Multiselect options`": "`多选选项`",
    "`Selectbox options`": "`下拉选项`",
    '"aria-label":l??`Selectbox`': '"aria-label":l??`下拉选择`',
    "`No options to select.`": "`没有可选项。`",
    # File uploader.
    "`${T(t,D.Byte,0)} per file`": "`单个文件不超过 ${T(t,D.Byte,0)}`",
    "`Drag and drop directories here`": "`将文件夹拖放到此处`",
    "`Drag and drop files here`:`Drag and drop a file here`": "`将文件拖放到此处`:`将文件拖放到此处`",
    "`Upload directories`:`Upload`": "`选择文件夹`:`选择文件`",
    '"aria-label":`Add files`': '"aria-label":`继续添加文件`',
    '"aria-label":`file upload`': '"aria-label":`选择文件`',
    "`Cancel upload of ${e.name}`:`Remove ${e.name}`": "`取消上传 ${e.name}`:`移除 ${e.name}`",
    "children:[`Error: `,h]": "children:[`错误：`,h]",
    "`Click to retry upload`": "`点击重新上传`",
    "`Upload failed`": "`上传失败`",
    "`File must be ${$(n,`b`)} or smaller.`": "`文件大小不能超过 ${$(n,`b`)}。`",
    "`${t.type} files are not allowed.`": "`不支持此类型的文件${t.type?`（${t.type}）`:``}。`",
    "`${e.type} files are not allowed.`": "`不支持此类型的文件${e.type?`（${e.type}）`:``}。`",
    "`File size is too small.`": "`文件过小。`",
    "`Only one file is allowed.`": "`只能上传一个文件。`",
    "`Unexpected error. Please try again.`": "`出现意外错误，请重试。`",
    "`Connection lost. Please wait for the app to reconnect, then try again.`": (
        "`连接已断开，请等待恢复连接后重试。`"
    ),
    # Request errors, shown by the uploader and the connection dialog (without the exception's class name).
    "Error?e.toString():typeof e==`string`?e:": "Error?e.message:typeof e==`string`?e:",
    "`Network Error`": "`网络错误`",
    "`Request aborted`": "`请求已取消`",
    "`Request failed with status code `+n.status": "`请求失败，状态码 `+n.status",
    "`timeout of `+a.timeout+`ms exceeded`:`timeout exceeded`": "`请求超时（`+a.timeout+` 毫秒）`:`请求超时`",
    "`timeout of ${t}ms exceeded`": "`请求超时（${t} 毫秒）`",
    "`Request failed with status ${t.status}`": "`请求失败，状态码 ${t.status}`",
    "`Connection timed out`": "`连接超时`",
    "`Network error`,e": "`网络错误`,e",
    "t=`Unknown error`": "t=`未知错误`",
    "t.message:`Unknown error`": "t.message:`未知错误`",
    "t||`Unknown error`": "t||`未知错误`",
    "`Connection closed`": "`连接已关闭`",
    "`Request timed out`": "`请求超时`",
    # Download button, copy buttons, help icons, heading anchors.
    "`Download failed`": "`下载失败`",
    "`Deferred download not properly configured`": "`下载未正确配置`",
    "`Copied`:`Copy to clipboard`": "`已复制`:`复制`",
    "title:`Copy to clipboard`": "title:`复制`",
    "u(`Help`);let": "u(`帮助`);let",
    "u(t):u(`Help`)": "u(t):u(`帮助`)",
    "`Help`:`Help for ${t.replaceAll(/\\s+/g,` `)}`": "`帮助`:`${t.replaceAll(/\\s+/g,` `)}：帮助`",
    "ariaLabel:c=`Help`": "ariaLabel:c=`帮助`",
    '"aria-label":`Link to heading`': '"aria-label":`本节链接`',
    "footnoteLabel||`Footnotes`": "footnoteLabel||`脚注`",
    "`Back to reference `+": "`返回引用处 `+",
    "alt:`Streamlit logo`": "alt:``",
    "ariaLabel:n+` icon`": "ariaLabel:`图标`",
    "{name:`Json Parse Error`": "{name:`JSON 解析错误`",
    # Element toolbar and fullscreen, tables, pagination.
    "label:`Fullscreen`": "label:`全屏`",
    "label:`Close fullscreen`": "label:`退出全屏`",
    "l?`Close fullscreen`:`Fullscreen`": "l?`退出全屏`:`全屏`",
    "`Scrollable table`": "`可滚动表格`",
    "children:`empty`": "children:`暂无数据`",
    '"aria-label":`Pagination`': '"aria-label":`分页`',
    '"aria-label":`Previous page`': '"aria-label":`上一页`',
    '"aria-label":`Next page`': '"aria-label":`下一页`',
    '"aria-label":`Page ${e.page}`': '"aria-label":`第 ${e.page} 页`',
    # Dataframe: toolbar and search bar.
    "label:`Download as CSV`": "label:`下载 CSV`",
    "label:`Search`": "label:`搜索`",
    "label:`Show/hide columns`": "label:`显示/隐藏列`",
    "label:`Add row`": "label:`添加行`",
    "label:`Delete row(s)`": "label:`删除行`",
    "label:`Clear selection`": "label:`取消选择`",
    "`over 1000`:`${v.results} result${v.results===1?``:`s`}`": "`超过 1000 个结果`:`${v.results} 个结果`",
    "`${v.selectedIndex+1} of ${e}`": "`第 ${v.selectedIndex+1} 个，共 ${e}`",
    "`Type to search`": "`输入关键字搜索`",
    '"aria-label":`Previous Result`': '"aria-label":`上一个结果`',
    '"aria-label":`Next Result`': '"aria-label":`下一个结果`',
    '"aria-label":`Close Search`': '"aria-label":`关闭搜索`',
    # Dataframe: column menu, formats, statistics.
    '"aria-label":`Dataframe column menu`': '"aria-label":`列菜单`',
    '"aria-label":`Button action menu`': '"aria-label":`操作菜单`',
    'title:`Copy column name`,"aria-label":`Copy column name`': 'title:`复制列名`,"aria-label":`复制列名`',
    "`:material/arrow_upward:`}),`Sort ascending`": "`:material/arrow_upward:`}),`升序排列`",
    "`:material/arrow_downward:`}),`Sort descending`": "`:material/arrow_downward:`}),`降序排列`",
    "title:d.kind,": (
        "title:{text:`文本`,number:`数字`,checkbox:`是/否`,datetime:`日期时间`,date:`日期`,time:`时间`,link:`链接`,"
        "list:`列表`,selectbox:`选项`,multiselect:`多选`,image:`图片`,progress:`进度`}[d.kind]??`列`,"
    ),
    "}),`Format`]": "}),`格式`]",
    "}),`Statistics`]": "}),`统计`]",
    "}),`Autosize`]": "}),`自动列宽`]",
    "}),`Unpin column`]": "}),`取消固定列`]",
    "}),`Pin column`]": "}),`固定列`]",
    "}),`Hide column`]": "}),`隐藏列`]",
    "label:`Automatic`": "label:`自动`",
    "label:`Localized`": "label:`本地格式`",
    "label:`Plain`": "label:`原始数字`",
    "label:`Compact`": "label:`缩写`",
    "label:`Dollar`": "label:`美元`",
    "label:`Euro`": "label:`欧元`",
    "label:`Yen`": "label:`日元`",
    "label:`Percent`": "label:`百分比`",
    "label:`Scientific`": "label:`科学计数`",
    "label:`Accounting`": "label:`会计格式`",
    "label:`Duration`": "label:`时长`",
    "label:`Distance`": "label:`距今`",
    "label:`Calendar`": "label:`日历`",
    "label:`Values`": "label:`数量`",
    "label:`Empty`": "label:`空值`",
    "label:`Distinct`": "label:`不同值`",
    "label:`Average`": "label:`平均值`",
    "label:`Standard deviation`": "label:`标准差`",
    "label:`Minimum`": "label:`最小值`",
    "label:`25th percentile`": "label:`下四分位数`",
    "label:`Median`": "label:`中位数`",
    "label:`75th percentile`": "label:`上四分位数`",
    "label:`Maximum`": "label:`最大值`",
    "label:`Sum`": "label:`合计`",
    "label:`Minimum length`": "label:`最短长度`",
    "label:`Maximum length`": "label:`最长长度`",
    "label:`Average length`": "label:`平均长度`",
    "label:`Range`": "label:`跨度`",
    "return n===1?`1 ${t}`:`${n} ${t}s`}": (
        "return n+{year:`年`,month:`个月`,week:`周`,day:`天`,hour:`小时`,minute:`分钟`,second:`秒`}[t]}"
    ),
    "description:`Vega visualization`": "description:`图表`",
    "mark:{type:`bar`,stroke:": "mark:{type:`bar`,aria:!1,stroke:",
    "title:`Range`},": "title:`区间`},",
    "title:`Count`}": "title:`计数`}",
    "children:`No data`": "children:`暂无数据`",
    "children:`Based on sample`": "children:`基于抽样`",
    "Iy(`True`,": "Iy(`是`,",
    "Iy(`False`,": "Iy(`否`,",
    "`Distribution histogram`": "`分布直方图`",
    "`Top values frequency chart`": "`高频值图`",
    "`True/false distribution chart`": "`是/否分布图`",
    # Dataframe: cells and cell editors.
    "displayData:`empty`": "displayData:`暂无数据`",
    "O_=`None`": "O_=`—`",
    "nb=`(index)`": "nb=`（行标）`",
    "label:`Save (${f}+Enter)`": "label:`保存（${f}+Enter）`",
    "label:`Cancel (Escape)`": "label:`取消（Esc）`",
    "placeholder:`Enter markdown text...`": "placeholder:`输入 Markdown 文本`",
    '"aria-label":`Edit markdown content`': '"aria-label":`编辑内容`',
    '"aria-label":`Markdown content`': '"aria-label":`内容`',
    "label:`Edit`": "label:`编辑`",
    "children:`No content`": "children:`暂无内容`",
    "n=t===void 0?`No options`": "n=t===void 0?`没有可选项`",
    "return`No options`}": "return`没有可选项`}",
    "placeholder:`Select...`,screenReaderStatus": "placeholder:`请选择`,screenReaderStatus",
    "`${t} result${t===1?``:`s`} available`": "`共 ${t} 个选项`",
    "Wu(`Failed to load data`": "Wu(`数据加载失败`",
    "`No active connection is available to load more rows.`": "`连接已断开，无法加载更多行。`",
    # Relative dates of the dataframe column formats (moment.js).
    "`[Today at] LT`,nextDay:`[Tomorrow at] LT`,nextWeek:`dddd [at] LT`,lastDay:`[Yesterday at] LT`,"
    "lastWeek:`[Last] dddd [at] LT`,sameElse:`L`": (
        "`[今天] HH:mm`,nextDay:`[明天] HH:mm`,nextWeek:`YYYY-MM-DD HH:mm`,lastDay:`[昨天] HH:mm`,"
        "lastWeek:`YYYY-MM-DD HH:mm`,sameElse:`YYYY-MM-DD`"
    ),
    "future:`in %s`,past:`%s ago`,s:`a few seconds`,ss:`%d seconds`,m:`a minute`,mm:`%d minutes`,h:`an hour`,"
    "hh:`%d hours`,d:`a day`,dd:`%d days`,w:`a week`,ww:`%d weeks`,M:`a month`,MM:`%d months`,y:`a year`,"
    "yy:`%d years`": (
        "future:`%s后`,past:`%s前`,s:`几秒`,ss:`%d 秒`,m:`1 分钟`,mm:`%d 分钟`,h:`1 小时`,"
        "hh:`%d 小时`,d:`1 天`,dd:`%d 天`,w:`1 周`,ww:`%d 周`,M:`1 个月`,MM:`%d 个月`,y:`1 年`,yy:`%d 年`"
    ),
    "Sa=`Invalid date`": "Sa=`无效日期`",
    # Plotly.
    'dictionary:{"Click to enter Colorscale title":`Click to enter Colorscale title`},format:{date:`%m/%d/%Y`}': (
        f"dictionary:{json.dumps(_PLOTLY_WORDS, ensure_ascii=False)},"
        f"format:{json.dumps(_PLOTLY_FORMAT, ensure_ascii=False)}"
    ),
    # Expander, progress and status, tabs, dialogs, toasts, alerts.
    "n&&r?`Step`:t?cn(t):n?`Step`:`Expander`": "n?`步骤`:`展开区域`",
    '"aria-label":c=`progress`': '"aria-label":c=`进度`',
    "stateLabel:`running`": "stateLabel:`进行中`",
    "stateLabel:`complete`": "stateLabel:`已完成`",
    "stateLabel:`error`": "stateLabel:`出错`",
    '"aria-label":`Scroll tabs left`': '"aria-label":`向左滚动标签页`',
    '"aria-label":`Scroll tabs right`': '"aria-label":`向右滚动标签页`',
    '"aria-label":`Close`': '"aria-label":`关闭`',
    "children:`Close`": "children:`关闭`",
    "children:`Cancel`": "children:`取消`",
    "`view less`:`view more`": "`收起`:`展开`",
    '"aria-label":`Notifications`': '"aria-label":`通知`',
    '"aria-label":`Shortcut ${l}`': '"aria-label":`快捷键 ${l}`',
    "e===`spinner`)return`Loading`": "e===`spinner`)return`加载中`",
    "n?`${n} icon`:": "n?`图标`:",
    "$e(`Please wait...`)": "$e(`请稍候…`)",
    # Sidebar, navigation, skip link, logo.
    "children:`Skip to main content`": "children:`跳到主要内容`",
    '"aria-label":`Sidebar`': '"aria-label":`侧边栏`',
    '"aria-label":`Collapse sidebar`': '"aria-label":`收起侧边栏`',
    '"aria-label":`Expand sidebar`': '"aria-label":`展开侧边栏`',
    '"aria-label":`App pages`': '"aria-label":`页面导航`',
    "`View less`:`View ${x-m} more`": "`收起`:`展开其余 ${x-m} 项`",
    "`${i.flat().length} more`": "`更多（${i.flat().length}）`",
    "children:`(opens in new tab)`": "children:`（在新标签页中打开）`",
    '"aria-label":`Navigate to home page`': '"aria-label":`返回首页`',
    "?`App Logo`:void 0,children:c(B": "?`徽标`:void 0,children:c(B",
    "?`App Logo`:void 0,children:w": "?`徽标`:void 0,children:w",
    "alt:`Logo`": "alt:`徽标`",
    # Main menu and its dialogs.
    '"aria-label":`Main menu`': '"aria-label":`主菜单`',
    "Mk=`Toolbar action`": "Mk=`工具栏操作`",
    '"aria-label":`Theme`': '"aria-label":`主题`',
    "label:e.label,icon:e.icon,checked": (
        "label:{System:`跟随系统`,Light:`浅色`,Dark:`深色`}[e.label],icon:e.icon,checked"
    ),
    "label:`Rerun`": "label:`重新运行`",
    "label:`Auto rerun`": "label:`自动重新运行`",
    "label:`Clear cache`": "label:`清除缓存`",
    "label:`Print`": "label:`打印`",
    "label:`Report a bug`": "label:`反馈问题`",
    "label:`Get help`": "label:`获取帮助`",
    "label:`About`": "label:`关于`",
    "children:`About`": "children:`关于`",
    "||`Record screen`": "||`录制屏幕`",
    "COUNTDOWN:`Cancel recording`,RECORDING:`Stop recording`": "COUNTDOWN:`取消录制`,RECORDING:`停止录制`",
    "`Made with Streamlit v`": "`Streamlit v`",
    "`Copy version to clipboard`,copiedLabel:`Copied`": "`复制版本号`,copiedLabel:`已复制`",
    "`**Are you sure you want to clear the app's function caches?**`": "`**确定清除缓存吗？**`",
    "`This will remove all cached entries from functions using`": "`将删除以下函数的全部缓存：`",
    "children:`Clear caches`": "children:`清除缓存`",
    "children:`Record a screencast`": "children:`录制屏幕`",
    "`This will record a video with the contents of your screen, so you can easily share what you're seeing "
    "with others.`": "`将录制屏幕内容的视频，便于与他人分享。`",
    '"aria-label":`Also record audio`': '"aria-label":`同时录制声音`',
    "` `,`Also record audio`": "` `,`同时录制声音`",
    'source:"Press `Esc` any time to stop recording."': 'source:"随时按 `Esc` 停止录制。"',
    "children:`Start recording!`": "children:`开始录制`",
    "`Due to limitations with some browsers, this feature is only supported on recent desktop versions of "
    "Chrome, Firefox, and Edge.`": "`当前浏览器不支持录屏，请使用新版桌面浏览器。`",
    "children:`Next steps`": "children:`录制完成`",
    "children:`Step 1`": "children:`第 1 步`",
    "children:`Step 2`": "children:`第 2 步`",
    "children:`Step 3`": "children:`第 3 步`",
    "children:`Preview your video below:`": "children:`预览视频：`",
    "children:`Save video to disk`": "children:`保存视频`",
    "`This video is encoded in the`": "`视频格式为`",
    "children:`WebM format`}": "children:`WebM`}",
    "`, which is only supported by newer video players. You can also play it by dragging the file directly "
    "into your browser.`": "`，需使用较新的播放器，也可将文件拖入浏览器播放。`",
    "`Share your video with the world on Twitter, LinkedIn, YouTube, or just plain email!`": "`分享视频。`",
    # Status widget.
    '"aria-label":`Running...`': '"aria-label":`运行中…`',
    "`Stopping...`:`Stop`": "`正在停止…`:`停止`",
    "children:`File change.`": "children:`程序已更新。`",
    "children:`Rerun`": "children:`重新运行`",
    "children:`Always rerun`": "children:`总是重新运行`",
    "_O=`Connecting`,vO=`Connecting to Streamlit server`,yO=`Connecting to static app`,bO=`Error`,"
    "xO=`Unable to connect to Streamlit server`": (
        "_O=`正在连接`,vO=`正在连接服务器`,yO=`正在连接`,bO=`错误`,xO=`无法连接服务器`"
    ),
    # Connection, page-not-found and script errors.
    "showError(`Connection error`": "showError(`连接错误`",
    "children:`Try again`": "children:`重试`",
    "`Continue anyway`:`Close`": "`仍要继续`:`关闭`",
    "message:`Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your "
    "terminal:`,codeBlock:`streamlit run yourscript.py`": "message:`服务未运行，请联系管理员重新启动服务。`",
    "message:`Streamlit server is not responding. Are you connected to the internet?`": (
        "message:`服务器没有响应，请检查网络连接。`"
    ),
    "message:`Cannot connect to Streamlit (HTTP status: 403).\n\nIf you are trying to access a Streamlit app "
    "running on another server, this could be due to the app's [CORS](${rD}) settings.`": (
        "message:`无法连接服务器（HTTP 状态码 403），请联系管理员。`"
    ),
    "message:`Connection timed out.`": "message:`连接超时。`",
    "message:`Connection failed with status ${r}${s?`, and response:`:`.`}`": (
        "message:`连接失败，状态码 ${r}${s?`，返回内容：`:`。`}`"
    ),
    "`You have requested page /${e}, but no corresponding file was found in the app's pages/ directory`": (
        "`您访问的页面 /${e} 不存在`"
    ),
    "`The page that you have requested does not seem to exist`": "`您访问的页面不存在`",
    "showError(`Page not found`,{message:`${t}. Running the app's main page.`})": (
        "showError(`页面不存在`,{message:`${t}，已为您打开首页。`})"
    ),
    "showError(`Bad message format`": "showError(`消息格式错误`",
    "children:`Script execution error`": "children:`程序运行错误`",
    "exception?.message||`No message`": "exception?.message||`无详细信息`",
    "Exception?.message??`No message`": "Exception?.message??`无详细信息`",
    "children:`Traceback:`": "children:`错误堆栈：`",
    "onClick:v,children:`Copy`": "onClick:v,children:`复制`",
    "children:`Ask Google`": "children:`在 Google 中搜索`",
    "children:`Ask ChatGPT`": "children:`询问 ChatGPT`",
    "name:`Network issue`": "name:`网络问题`",
    "`Cannot load Streamlit frontend code. This can happen when you update Streamlit while a Streamlit app "
    "is running.`": "`页面资源加载失败，可能是系统刚刚更新。`",
    "`To fix this, simply reload this app by pressing`": "`请重新加载页面：`",
    "`, or`,` `,s(": "` 或`,` `,s(",
    "`If the error persists, try force-clearing your browser's cache as described`": (
        "`如仍出错，请清除浏览器缓存，方法见`"
    ),
    "target:`_blank`,children:`here`})": "target:`_blank`,children:`说明`})",
}

_PAIRS = [(old.encode(), new.encode()) for old, new in STRINGS.items()]
_BUNDLE = re.compile(r"/static/(?:[^/]+/)*([^/]+\.js)$")
_NOT_A_PAGE = re.compile(r"/(?:_stcore|static|media|component)/")
_INDEX_MARK = b"<title>Streamlit</title>"
_GZIP_ACCEPTED = re.compile(rb"(?:gzip|\*)(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
# Request headers that would keep the full body from us; response headers that rewriting it makes untrue.
_CONDITIONS = {b"if-none-match", b"if-modified-since", b"if-range", b"range"}
_STALE = {b"content-length", b"content-encoding", b"etag", b"last-modified", b"accept-ranges", b"vary"}


def translate(body: bytes) -> bytes:
    """Replace every snippet of STRINGS in a served file; a file without any is returned as it is."""
    for old, new in _PAIRS:
        body = body.replace(old, new)
    return body


class _Asset(NamedTuple):
    """A rewritten body in both encodings. The tag is weak because the encodings share it."""

    etag: bytes
    plain: bytes
    gzipped: bytes


def _asset(plain: bytes) -> _Asset:
    etag = b'W/"%s"' % hashlib.sha256(plain).hexdigest()[:32].encode()
    return _Asset(etag, plain, gzip.compress(plain, 6, mtime=0))


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return b", ".join(value for key, value in headers if key.lower() == name)


def _without(headers: Iterable[tuple[bytes, bytes]], names: set[bytes]) -> Headers:
    return [(key, value) for key, value in headers if key.lower() not in names]


class ChineseAssets:
    """ASGI middleware that serves Streamlit's frontend in Chinese and leaves every other response alone.

    Bundles are translated once and kept in memory, plain and gzipped, until the file changes. Their names are
    hashes of the English text, so a translated bundle is not sent as immutable but as fresh for an hour.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._assets: dict[tuple[str, bytes, bytes], _Asset | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path = scope["path"]
            if bundle := _BUNDLE.search(path):
                await self._bundle(bundle[1], scope, receive, send)
                return
            accepts_page = b"text/html" in _header(scope["headers"], b"accept")
            if (accepts_page or path.endswith("/")) and not _NOT_A_PAGE.search(path):
                await self._page(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _bundle(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        status, headers, _ = await self._fetch("HEAD", scope, receive)
        # A missing file is answered with the index page.
        if status != 200 or b"javascript" not in _header(headers, b"content-type"):
            await self.app(scope, receive, send)
            return
        key = (name, _header(headers, b"etag"), _header(headers, b"last-modified"))
        if key not in self._assets:
            _, _, body = await self._fetch("GET", scope, receive)
            self._assets[key] = await asyncio.to_thread(_translated, body)
        if asset := self._assets[key]:
            await _reply(asset, headers, scope, send)
        else:
            await self.app(scope, receive, send)

    async def _fetch(self, method: str, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
        """Ask the wrapped app for the whole, unencoded file."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        headers = _without(scope["headers"], _CONDITIONS | {b"accept-encoding"})
        await self.app({**scope, "method": method, "headers": headers, "extensions": {}}, receive, collect)
        start, *rest = messages
        return start["status"], list(start["headers"]), b"".join(message.get("body", b"") for message in rest)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Any path may be answered with the index page: decide by the answer, asking only once."""
        start: Message | None = None
        body = b""

        async def decide(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if message["status"] == 200 and b"text/html" in _header(message["headers"], b"content-type"):
                    start = message
                else:
                    await send(message)
            elif start is None:
                await send({**message, "body": b""} if scope["method"] == "HEAD" else message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._finish_page(start, body, scope, send)

        headers = _without(scope["headers"], _CONDITIONS)
        await self.app({**scope, "method": "GET", "headers": headers, "extensions": {}}, receive, decide)

    async def _finish_page(self, start: Message, body: bytes, scope: Scope, send: Send) -> None:
        gzipped = _header(start["headers"], b"content-encoding") == b"gzip"
        plain = gzip.decompress(body) if gzipped else body
        if _INDEX_MARK in plain:
            await _reply(_asset(translate(plain)), start["headers"], scope, send)
        else:
            await send(start)
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _translated(body: bytes) -> _Asset | None:
    plain = translate(body)
    return None if plain == body else _asset(plain)


async def _reply(asset: _Asset, headers: Iterable[tuple[bytes, bytes]], scope: Scope, send: Send) -> None:
    """Answer with a rewritten body, with the wrapped app's headers as far as they still hold."""
    asked = scope["headers"]
    out = [*_without(headers, _STALE), (b"etag", asset.etag), (b"vary", b"Accept-Encoding")]
    if b"immutable" in _header(headers, b"cache-control"):
        out = [*_without(out, {b"cache-control"}), (b"cache-control", b"public, max-age=3600")]
    known = {tag.strip() for tag in _header(asked, b"if-none-match").split(b",")}
    if known & {asset.etag, asset.etag.removeprefix(b"W/"), b"*"}:
        out = _without(out, {b"content-type"})
        await send({"type": "http.response.start", "status": 304, "headers": out})
        await send({"type": "http.response.body", "body": b""})
        return
    body = asset.plain
    if _GZIP_ACCEPTED.search(_header(asked, b"accept-encoding")):
        body = asset.gzipped
        out.append((b"content-encoding", b"gzip"))
    out.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": out})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
